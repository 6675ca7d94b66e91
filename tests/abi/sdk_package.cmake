# cmake -D BUILD=.. -D SOURCE=.. -D WORK=.. -P: installs the component `sdk`, then configures, builds and tests every example
# against it, from a copy outside the source tree.
function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "${ARGN}\n${output}")
  endif()
endfunction()

file(REMOVE_RECURSE ${WORK})
run(${CMAKE_COMMAND} --install ${BUILD} --component sdk --prefix ${WORK}/prefix)
file(GLOB examples RELATIVE ${SOURCE}/sdk/examples ${SOURCE}/sdk/examples/*)
foreach(example ${examples})
  if(NOT IS_DIRECTORY ${SOURCE}/sdk/examples/${example} OR example MATCHES "^embedding") # those want the library
    continue()
  endif()
  file(COPY ${SOURCE}/sdk/examples/${example} DESTINATION ${WORK})
  run(${CMAKE_COMMAND} -S ${WORK}/${example} -B ${WORK}/${example}/B -DCMAKE_PREFIX_PATH=${WORK}/prefix
      -DCMAKE_C_COMPILER=${C_COMPILER} -DCMAKE_CXX_COMPILER=${CXX_COMPILER})
  run(${CMAKE_COMMAND} --build ${WORK}/${example}/B)
  # A contract is built where its compiler is.
  file(READ ${WORK}/${example}/CMakeLists.txt recipe)
  file(GLOB built ${WORK}/${example}/B/*.so)
  if(recipe MATCHES "rvm_add_plugin" AND NOT built)
    message(FATAL_ERROR "${example}: no plugin was built")
  endif()
  run(${CMAKE_CTEST_COMMAND} --test-dir ${WORK}/${example}/B --output-on-failure)
  message(STATUS "${example}: built and tested against the installed SDK")
endforeach()
