# Settings shared by every target of the product.
if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
endif()

set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

# One tree that looks like an installation: bin/rvm, lib/rvm/plugins/*.so, share/rvm/configs, share/rvm/demo.
# The program finds its files relative to itself, so the build tree and an installed prefix work alike.
set(RVM_BIN_DIR ${PROJECT_BINARY_DIR}/bin)
set(RVM_PLUGIN_DIR ${PROJECT_BINARY_DIR}/lib/rvm/plugins)
set(RVM_SHARE_DIR ${PROJECT_BINARY_DIR}/share/rvm)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${RVM_BIN_DIR})
# Debian's lib/TRIPLET would break that: manifests reach the plugins as ../../../lib/rvm/plugins.
if(PROJECT_IS_TOP_LEVEL)
  set(CMAKE_INSTALL_LIBDIR lib CACHE PATH "Library folder of an installation, under its prefix")
endif()

add_library(rvm_options INTERFACE)
add_library(rvm::options ALIAS rvm_options)
target_compile_options(rvm_options INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wshadow)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # False positives of g++ 12 inside inlined std::string and std::vector (GCC PR 105329, 105651); clang checks the same.
  target_compile_options(rvm_options INTERFACE -Wno-restrict -Wno-array-bounds -Wno-stringop-overflow
                         -Wno-stringop-overread)
endif()
# No run-time search paths: plugins carrying RPATH are refused, and ours need none.
set(CMAKE_SKIP_RPATH ON)

if(RVM_SANITIZE)
  string(REPLACE ";" "," rvm_sanitizers "${RVM_SANITIZE}")
  add_compile_options(-fsanitize=${rvm_sanitizers} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${rvm_sanitizers})
endif()
if(RVM_SANITIZE AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # GCC PR 105562: false positive inside std::function, only with sanitizers.
  target_compile_options(rvm_options INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-Wno-maybe-uninitialized>)
endif()
if(RVM_FUZZ) # coverage feedback must reach the libraries, not only the targets' own files
  # ... without its stack depth: a variable in static thread storage, which no plugin may have
  add_compile_options(-fsanitize=fuzzer-no-link -fno-sanitize-coverage=stack-depth)
endif()

# rvm_stop_unwinding(SOURCE...): an exception that a plugin lets out of a hot call ends the process where it was thrown, so
# that the report can name the plugin (core/plugin/terminate.cpp). clang's noexcept would unwind to the caller first, as g++'s
# does where ThreadSanitizer wants to see functions end, and the plugin's frames would be gone; a caller that nobody knows how
# to unwind stops the search. These files catch nothing.
function(rvm_stop_unwinding)
  if(CMAKE_CXX_COMPILER_ID MATCHES "Clang" OR RVM_SANITIZE MATCHES "thread")
    set_property(SOURCE ${ARGN} APPEND PROPERTY COMPILE_OPTIONS -fno-exceptions -fno-unwind-tables
                 -fno-asynchronous-unwind-tables)
    set_property(SOURCE ${ARGN} PROPERTY SKIP_PRECOMPILE_HEADERS ON)
  endif()
endfunction()
