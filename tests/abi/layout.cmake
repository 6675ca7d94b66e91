# The header itself: its layout, and that every compiler and language level takes it without a warning.
add_executable(abi_layout_test ${CMAKE_CURRENT_LIST_DIR}/layout_test.cpp)
target_link_libraries(abi_layout_test PRIVATE rvm::plugin rvm::options GTest::gtest)
target_compile_definitions(abi_layout_test PRIVATE RVM_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
set_target_properties(abi_layout_test PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR})
add_test(NAME abi_layout COMMAND abi_layout_test)
set_tests_properties(abi_layout PROPERTIES LABELS abi)

# g++ and clang: whichever are installed, beside the compiler of the build.
find_program(RVM_GCC NAMES gcc)
find_program(RVM_GXX NAMES g++)
find_program(RVM_CLANG NAMES clang-19 clang)
find_program(RVM_CLANGXX NAMES clang++-19 clang++)
set(rvm_header ${PROJECT_SOURCE_DIR}/sdk/include)
function(rvm_header_test compiler language standard header)
  get_filename_component(compiler_name ${compiler} NAME)
  set(name abi_header.${header}.${compiler_name}.${standard})
  add_test(NAME ${name} COMMAND ${compiler} -x ${language} -std=${standard} -fsyntax-only -Wall -Wextra -Wpedantic -Werror
           ${ARGN} -I${rvm_header} -include ${header} /dev/null)
  set_tests_properties(${name} PROPERTIES LABELS abi)
endfunction()
foreach(compiler ${RVM_GCC} ${RVM_CLANG})
  foreach(standard c11 c17)
    rvm_header_test(${compiler} c ${standard} rvm/plugin.h -Wpadded -Wconversion -Wshadow)
  endforeach()
endforeach()
foreach(compiler ${RVM_GXX} ${RVM_CLANGXX})
  foreach(standard c++11 c++14 c++17 c++20)
    rvm_header_test(${compiler} c++ ${standard} rvm/plugin.h -Wpadded -Wconversion -Wshadow)
  endforeach()
  foreach(header rvm/plugin.hpp rvm/test_host.hpp)
    rvm_header_test(${compiler} c++ c++20 ${header} -Wconversion -Wshadow)
  endforeach()
endforeach()

# libabigail's opinion of both headers; for `.ci/test full` alone, so it has no other label.
add_test(NAME abi.abidiff COMMAND ${Python3_EXECUTABLE} -B ${CMAKE_CURRENT_LIST_DIR}/abidiff.py ${CMAKE_C_COMPILER})
set_tests_properties(abi.abidiff PROPERTIES LABELS full SKIP_RETURN_CODE 77)

# An author's view: the SDK installed into an empty prefix, the examples built, tested and loaded from there.
add_test(NAME sdk_package COMMAND ${CMAKE_COMMAND} -D BUILD=${CMAKE_BINARY_DIR} -D SOURCE=${PROJECT_SOURCE_DIR}
         -D WORK=${CMAKE_CURRENT_BINARY_DIR}/sdk_package -D C_COMPILER=${CMAKE_C_COMPILER}
         -D CXX_COMPILER=${CMAKE_CXX_COMPILER} -P ${CMAKE_CURRENT_LIST_DIR}/sdk_package.cmake)
set_tests_properties(sdk_package PROPERTIES LABELS abi)
