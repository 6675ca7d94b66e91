# rvm_add_plugin(): builds one plugin of the rvm runtime. In the SDK package and in rvm's own tree alike.
#
#   rvm_add_plugin(NAME
#       SOURCES file...                C or C++ (C-only projects need no C++ compiler), or one .rs: the root of a Rust crate over
#                                      the crate rvm_plugin of the SDK
#       ID org.example.arith           plugin id; reaches the code as the macro RVM_PLUGIN_ID
#       SIDECAR arith.rvm.json.in      configured with the @VARIABLES@ below
#       [VERSION 0.1.0]                of the plugin; default: the project's; reaches the code as RVM_PLUGIN_VERSION
#       [LIBS target...]               linked into the plugin
#       [BESIDE]                       write NAME.rvm.json with the library's sha256 beside it instead of embedding it
#       [OUTPUT_DIR dir]               default: ${RVM_PLUGIN_DIR}, else the current binary directory
#       [INSTALL]                      install to ${CMAKE_INSTALL_LIBDIR}/rvm/plugins
#       [NO_CHECK])                    no ctest plugin_check.NAME
#
# Targets:
#   rvm_plugin_NAME          the MODULE library NAME.so. It exports rvm_plugin_entry_v0 and nothing else, has no RPATH,
#                            leaves no symbol undefined and is bound at load.
#   rvm_plugin_NAME_objects  the same code as objects, for tests and for hosts that take the entry without dlopen.
#
# Variables for the sidecar: RVM_PLUGIN_ID, RVM_PLUGIN_NAME, RVM_PLUGIN_VERSION, RVM_PLUGIN_LIBRARY (NAME.so),
# RVM_ABI_MAJOR, RVM_ABI_MINOR (of the header the plugin is built with), RVM_TARGET_ARCH.
#
# The sidecar is embedded as the ELF note `.note.rvm` (owner "rvm", type 1): a host reads it without running anything.
# ctest plugin_check.NAME runs `rvm plugin check` on the result when a target rvm (or rvm::program) exists and testing
# is on.
include_guard(GLOBAL)

# The ABI numbers of <rvm/plugin.h> as found beside this file.
function(rvm_read_abi_version major minor)
  set(beside ${CMAKE_CURRENT_FUNCTION_LIST_DIR})
  find_file(RVM_PLUGIN_HEADER rvm/plugin.h NO_DEFAULT_PATH NO_CMAKE_FIND_ROOT_PATH
            PATHS ${RVM_SDK_INCLUDE_DIR} ${beside}/../include ${beside}/../../../include)
  if(NOT RVM_PLUGIN_HEADER)
    message(FATAL_ERROR "rvm_add_plugin: <rvm/plugin.h> was not found near ${beside}; "
                        "set RVM_SDK_INCLUDE_DIR to the folder that holds rvm/plugin.h")
  endif()
  # The sidecar says what is read here: another header has to configure anew.
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${RVM_PLUGIN_HEADER})
  file(STRINGS ${RVM_PLUGIN_HEADER} lines REGEX "^#define RVM_ABI_M(AJOR|INOR) ")
  string(REGEX REPLACE ".*RVM_ABI_MAJOR ([0-9]+)u.*" "\\1" found_major "${lines}")
  string(REGEX REPLACE ".*RVM_ABI_MINOR ([0-9]+)u.*" "\\1" found_minor "${lines}")
  set(${major} ${found_major} PARENT_SCOPE)
  set(${minor} ${found_minor} PARENT_SCOPE)
endfunction()

# A source file, in whichever language the project has, that carries `sidecar` as an ELF note.
function(rvm_sidecar_note_source sidecar base out)
  get_property(languages GLOBAL PROPERTY ENABLED_LANGUAGES)
  if("C" IN_LIST languages)
    set(source ${base}.note.c)
  else()
    set(source ${base}.note.cpp)
  endif()
  set(RVM_NOTE_TYPE_SIDECAR 1) # the only note type so far
  # Elf64_Nhdr, owner, descriptor; each part padded to 4 bytes.
  file(CONFIGURE OUTPUT ${source} @ONLY CONTENT [[/* Generated: the sidecar as an ELF note. */
typedef int rvm_sidecar_note;
__asm__(".pushsection .note.rvm,\"a\",@note\n"
        ".balign 4\n"
        ".long 4, 2f - 1f, @RVM_NOTE_TYPE_SIDECAR@\n"
        ".asciz \"rvm\"\n"
        "1: .incbin \"@sidecar@\"\n"
        "2: .balign 4\n"
        ".popsection\n");
]])
  set_source_files_properties(${source} PROPERTIES OBJECT_DEPENDS ${sidecar})
  set(${out} ${source} PARENT_SCOPE)
endfunction()

# `source`, the root of a Rust crate, as a static library with Rust's own inside; ${target} makes it. Sets `out` to its file.
function(rvm_rust_archive target source id version out)
  find_program(RVM_RUSTC rustc DOC "Rust compiler, 1.63 or newer, for plugins in Rust")
  if(NOT RVM_RUSTC)
    message(FATAL_ERROR "rvm_add_plugin: ${source} needs rustc (Debian: apt-get install rustc)")
  endif()
  set(here ${CMAKE_CURRENT_FUNCTION_LIST_DIR})
  find_path(RVM_RUST_CRATE src/raw.rs NO_DEFAULT_PATH NO_CMAKE_FIND_ROOT_PATH
            PATHS ${here}/../rust/rvm-plugin ${here}/../../../share/rvm/sdk/rust/rvm-plugin)
  if(NOT RVM_RUST_CRATE)
    message(FATAL_ERROR "rvm_add_plugin: the crate rvm-plugin was not found near ${here}; set RVM_RUST_CRATE to its folder")
  endif()
  set(folder ${CMAKE_CURRENT_BINARY_DIR}/${target}.dir)
  get_filename_component(source ${source} ABSOLUTE)
  get_filename_component(crate ${source} DIRECTORY)
  file(GLOB_RECURSE crate_sources CONFIGURE_DEPENDS ${RVM_RUST_CRATE}/src/*.rs)
  file(GLOB modules CONFIGURE_DEPENDS ${crate}/*.rs)
  set(command ${RVM_RUSTC} --edition 2021 -C opt-level=2 -C panic=unwind -C relocation-model=pic -C codegen-units=1)
  add_custom_command(OUTPUT ${folder}/librvm_plugin.rlib VERBATIM DEPENDS ${crate_sources}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${folder}
    COMMAND ${command} --crate-type rlib --crate-name rvm_plugin -o ${folder}/librvm_plugin.rlib ${RVM_RUST_CRATE}/src/lib.rs)
  add_custom_command(OUTPUT ${folder}/plugin.a VERBATIM DEPENDS ${folder}/librvm_plugin.rlib ${source} ${modules}
    COMMAND ${CMAKE_COMMAND} -E env RVM_PLUGIN_ID=${id} RVM_PLUGIN_VERSION=${version}
            ${command} --crate-type staticlib --crate-name plugin --extern rvm_plugin=${folder}/librvm_plugin.rlib
            -o ${folder}/plugin.a ${source})
  add_custom_target(${target} DEPENDS ${folder}/plugin.a)
  set(${out} ${folder}/plugin.a PARENT_SCOPE)
endfunction()

# Runs at the end of the top-level directory, when it is known whether a target rvm exists and testing is on.
function(rvm_add_plugin_check name)
  if(NOT CMAKE_TESTING_ENABLED)
    return()
  endif()
  foreach(program rvm rvm::program)
    if(TARGET ${program})
      add_test(NAME plugin_check.${name} COMMAND ${program} plugin check $<TARGET_FILE:rvm_plugin_${name}>)
      return()
    endif()
  endforeach()
endfunction()

function(rvm_add_plugin name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "BESIDE;INSTALL;NO_CHECK" "ID;SIDECAR;VERSION;OUTPUT_DIR" "SOURCES;LIBS")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "rvm_add_plugin(${name}): unknown arguments: ${arg_UNPARSED_ARGUMENTS}")
  endif()
  foreach(required SOURCES ID SIDECAR)
    if(NOT arg_${required})
      message(FATAL_ERROR "rvm_add_plugin(${name}): ${required} is missing")
    endif()
  endforeach()
  if(NOT arg_ID MATCHES "^[a-z0-9][a-z0-9._-]*$")
    message(FATAL_ERROR "rvm_add_plugin(${name}): ID \"${arg_ID}\" does not match [a-z0-9][a-z0-9._-]*")
  endif()

  # Values the sidecar may use.
  rvm_read_abi_version(RVM_ABI_MAJOR RVM_ABI_MINOR)
  set(RVM_PLUGIN_ID ${arg_ID})
  set(RVM_PLUGIN_NAME ${name})
  set(RVM_PLUGIN_LIBRARY ${name}.so)
  set(RVM_PLUGIN_VERSION ${PROJECT_VERSION})
  if(arg_VERSION)
    set(RVM_PLUGIN_VERSION ${arg_VERSION})
  endif()
  if(NOT RVM_PLUGIN_VERSION)
    message(FATAL_ERROR "rvm_add_plugin(${name}): give VERSION, here or in project()")
  endif()
  string(TOLOWER "${CMAKE_SYSTEM_PROCESSOR}" RVM_TARGET_ARCH)
  if(RVM_TARGET_ARCH MATCHES "^(amd64|x86-64)$")
    set(RVM_TARGET_ARCH x86_64)
  elseif(RVM_TARGET_ARCH STREQUAL "arm64")
    set(RVM_TARGET_ARCH aarch64)
  endif()

  set(base ${CMAKE_CURRENT_BINARY_DIR}/${name})
  set(sidecar ${base}.sidecar.json)
  configure_file(${arg_SIDECAR} ${sidecar} @ONLY)
  # A sidecar that is not JSON stops here, not at load.
  file(READ ${sidecar} text)
  string(JSON found_id ERROR_VARIABLE json_error GET "${text}" id)
  if(json_error)
    message(FATAL_ERROR "rvm_add_plugin(${name}): ${arg_SIDECAR}: ${json_error}")
  elseif(NOT found_id STREQUAL arg_ID)
    message(FATAL_ERROR "rvm_add_plugin(${name}): ${arg_SIDECAR} says id \"${found_id}\", ID says \"${arg_ID}\"")
  endif()

  set(objects rvm_plugin_${name}_objects)
  set(rust)
  if("${arg_SOURCES}" MATCHES "^[^;]+\\.rs$")
    set(rust rvm_plugin_${name}_rust)
    rvm_rust_archive(${rust} ${arg_SOURCES} ${RVM_PLUGIN_ID} ${RVM_PLUGIN_VERSION} archive)
    add_library(${objects} INTERFACE)
    add_dependencies(${objects} ${rust})
    target_link_libraries(${objects} INTERFACE rvm::plugin ${arg_LIBS} ${archive} gcc_s pthread dl m)
    target_link_options(${objects} INTERFACE -Wl,-u,rvm_plugin_entry_v0)
    set(parts ${base}.empty.c) # a library of archives alone has no language
    file(CONFIGURE OUTPUT ${parts} CONTENT "typedef int rvm_plugin_in_rust;\n")
  else()
    add_library(${objects} OBJECT ${arg_SOURCES})
    set_target_properties(${objects} PROPERTIES POSITION_INDEPENDENT_CODE ON C_VISIBILITY_PRESET hidden
                          CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
    target_compile_definitions(${objects} PRIVATE RVM_PLUGIN_ID="${RVM_PLUGIN_ID}"
                               RVM_PLUGIN_VERSION="${RVM_PLUGIN_VERSION}")
    target_link_libraries(${objects} PUBLIC rvm::plugin ${arg_LIBS})
    set(parts $<TARGET_OBJECTS:${objects}>)
  endif()

  set(exports ${base}.version)
  file(CONFIGURE OUTPUT ${exports} CONTENT "{ global: rvm_plugin_entry_v0; local: *; };\n")
  set(target rvm_plugin_${name})
  set(module_source)
  if(NOT arg_BESIDE)
    rvm_sidecar_note_source(${sidecar} ${base} module_source)
  endif()
  add_library(${target} MODULE ${parts} ${module_source})
  if(rust)
    target_link_libraries(${target} PRIVATE ${objects})
    target_link_options(${target} PRIVATE -Wl,--gc-sections -Wl,--strip-debug) # Rust's library is larger than what is used of it
    add_dependencies(${target} ${rust})
    set_target_properties(${target} PROPERTIES LINK_DEPENDS ${archive})
  else()
    # The objects are named above; what they need comes with the interface of the same libraries.
    target_link_libraries(${target} PRIVATE rvm::plugin ${arg_LIBS})
  endif()
  get_property(languages GLOBAL PROPERTY ENABLED_LANGUAGES)
  set(linker_language C)
  if(NOT "C" IN_LIST languages OR "${arg_SOURCES}" MATCHES "\\.(cpp|cc|cxx)(;|$)")
    set(linker_language CXX)
  endif()
  if(arg_OUTPUT_DIR)
    set(output ${arg_OUTPUT_DIR})
  elseif(RVM_PLUGIN_DIR)
    set(output ${RVM_PLUGIN_DIR})
  else()
    set(output ${CMAKE_CURRENT_BINARY_DIR})
  endif()
  set_target_properties(${target} PROPERTIES PREFIX "" SUFFIX .so OUTPUT_NAME ${name} LINKER_LANGUAGE ${linker_language}
                        LIBRARY_OUTPUT_DIRECTORY ${output} SKIP_BUILD_RPATH ON INSTALL_RPATH ""
                        INSTALL_RPATH_USE_LINK_PATH OFF)
  set_property(TARGET ${target} APPEND PROPERTY LINK_DEPENDS ${exports})
  target_link_options(${target} PRIVATE -Wl,--version-script=${exports} -Wl,-z,now -Wl,-z,relro -Wl,-z,noexecstack
                      -Wl,-z,text)
  # clang links its sanitizer runtime into the program only: a library must leave those symbols undefined.
  get_directory_property(directory_flags LINK_OPTIONS)
  set(flags "${CMAKE_C_FLAGS} ${CMAKE_CXX_FLAGS} ${CMAKE_MODULE_LINKER_FLAGS} ${directory_flags}")
  if(NOT (CMAKE_${linker_language}_COMPILER_ID MATCHES "Clang" AND flags MATCHES "-fsanitize="))
    target_link_options(${target} PRIVATE -Wl,-z,defs)
  endif()

  if(arg_BESIDE)
    add_custom_command(TARGET ${target} POST_BUILD VERBATIM
      COMMAND ${CMAKE_COMMAND} -D SIDECAR=${sidecar} -D LIBRARY=$<TARGET_FILE:${target}>
              -D OUTPUT=${output}/${name}.rvm.json -P ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/RvmWriteSidecar.cmake)
    set_property(TARGET ${target} APPEND PROPERTY LINK_DEPENDS ${sidecar})
  endif()
  if(arg_INSTALL)
    include(GNUInstallDirs)
    install(TARGETS ${target} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}/rvm/plugins COMPONENT plugins)
    if(arg_BESIDE)
      install(FILES ${output}/${name}.rvm.json DESTINATION ${CMAKE_INSTALL_LIBDIR}/rvm/plugins COMPONENT plugins)
    endif()
  endif()
  if(NOT arg_NO_CHECK)
    cmake_language(EVAL CODE "cmake_language(DEFER DIRECTORY [[${CMAKE_SOURCE_DIR}]] CALL rvm_add_plugin_check ${name})")
  endif()
endfunction()
