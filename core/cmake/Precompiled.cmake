# Precompiled headers: parsing the standard library, CLI11 and GoogleTest is a third of what building everything costs.
# Every file still includes what it uses: the preset clang builds without them (CMAKE_DISABLE_PRECOMPILE_HEADERS).
#
# A precompiled header serves only files that are compiled alike (position independent or for a program, the same macros
# wherever a header in it reads one). So the libraries have one, the program has one, the tests have one.
set(rvm_std_headers algorithm array bit cstdint cstring filesystem functional map memory optional span stdexcept string
                    string_view vector)

# rvm_precompile(TARGET HEADER...): TARGET gets a precompiled header of <HEADER>... for its C++ files.
function(rvm_precompile target)
  foreach(header IN LISTS ARGN)
    target_precompile_headers(${target} PRIVATE "$<$<COMPILE_LANGUAGE:CXX>:<${header}$<ANGLE-R>>")
  endforeach()
endfunction()

# rvm_share_precompiled(PROVIDER FOLDER KIND LINKED): the C++ targets below FOLDER whose type matches KIND and whose link
# libraries match LINKED use PROVIDER's precompiled header.
function(rvm_share_precompiled provider folder kind linked)
  get_property(folders DIRECTORY ${folder} PROPERTY SUBDIRECTORIES)
  foreach(below IN LISTS folders)
    rvm_share_precompiled(${provider} ${below} ${kind} ${linked})
  endforeach()
  get_property(targets DIRECTORY ${folder} PROPERTY BUILDSYSTEM_TARGETS)
  foreach(target IN LISTS targets)
    get_target_property(type ${target} TYPE)
    if(target STREQUAL provider OR NOT type MATCHES "${kind}")
      continue()
    endif()
    get_target_property(sources ${target} SOURCES)
    get_target_property(libraries ${target} LINK_LIBRARIES)
    if("${sources}" MATCHES "[.]cpp" AND "${libraries}" MATCHES "${linked}")
      target_precompile_headers(${target} REUSE_FROM ${provider})
    endif()
  endforeach()
endfunction()

# A provider defines no macro and has the warnings of all: both are part of what must be alike.
rvm_precompile(rvm_engine ${rvm_std_headers})
rvm_share_precompiled(rvm_engine ${PROJECT_SOURCE_DIR}/core LIBRARY ".")
rvm_share_precompiled(rvm_engine ${PROJECT_SOURCE_DIR}/plugins LIBRARY ".")
rvm_precompile(rvm ${rvm_std_headers} fmt/format.h nlohmann/json.hpp CLI/CLI.hpp)
if(RVM_TESTS)
  rvm_precompile(rvm_test_headers ${rvm_std_headers} gtest/gtest.h)
  rvm_share_precompiled(rvm_test_headers ${PROJECT_SOURCE_DIR}/tests EXECUTABLE GTest::)
endif()
