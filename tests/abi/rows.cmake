# The failure tests: every row of rows.json is provoked through the rvm program.
find_package(Python3 COMPONENTS Interpreter REQUIRED)
include(GoogleTest)

string(REPLACE ";" "," rvm_rows_sanitizer "${RVM_SANITIZE}")
set(rvm_rows_examples)
foreach(example hello toy)
  if(TARGET rvm_plugin_${example})
    list(APPEND rvm_rows_examples $<TARGET_FILE:rvm_plugin_${example}>)
  endif()
endforeach()
list(JOIN rvm_rows_examples ":" rvm_rows_examples)

foreach(topic plugin_check rows_contributions rows_entry rows_file rows_lifecycle rows_runtime rows_trust)
  add_test(NAME abi.${topic} COMMAND ${Python3_EXECUTABLE} -B -m unittest ${topic}
           WORKING_DIRECTORY ${CMAKE_CURRENT_LIST_DIR})
  set_tests_properties(abi.${topic} PROPERTIES LABELS abi TIMEOUT 900 ENVIRONMENT
                       "RVM_PROGRAM=$<TARGET_FILE:rvm>;RVM_PLUGINS=${RVM_PLUGIN_DIR};RVM_TEST_PLUGINS=${RVM_TEST_PLUGIN_DIR};RVM_EXAMPLES=${rvm_rows_examples};RVM_TEST_SANITIZER=${rvm_rows_sanitizer}")
endforeach()
add_test(NAME abi.check_rows COMMAND ${Python3_EXECUTABLE} -B ${CMAKE_CURRENT_LIST_DIR}/check_rows.py)
set_tests_properties(abi.check_rows PROPERTIES LABELS abi)

add_executable(rvm_rows_tests ${CMAKE_CURRENT_LIST_DIR}/rows_runtime_test.cpp)
target_compile_definitions(rvm_rows_tests PRIVATE RVM_PLUGIN_DIR="${RVM_PLUGIN_DIR}")
target_link_libraries(rvm_rows_tests PRIVATE rvm::rvm rvm::options GTest::gtest_main)
gtest_discover_tests(rvm_rows_tests DISCOVERY_MODE PRE_TEST PROPERTIES LABELS abi)
