# cmake -D PROGRAM=rvm -D PLUGIN=panics.so -P: 8 / 2 gives 4; 8 / 0 is exit status 70, with nothing of a panic on the terminal.
function(run divisor status expected)
  file(WRITE ${PLUGIN}.rasm "push 8 push ${divisor} panics.divide\n")
  execute_process(COMMAND ${PROGRAM} run --plugin ${PLUGIN} ${PLUGIN}.rasm RESULT_VARIABLE found OUTPUT_VARIABLE text
                  ERROR_VARIABLE text)
  if(NOT found STREQUAL status OR NOT text MATCHES "${expected}" OR text MATCHES "panicked")
    message(FATAL_ERROR "8 / ${divisor}: exit status ${found}, expected ${status} and ${expected}\n${text}")
  endif()
endfunction()
run(2 0 "result +4 ")
run(0 70 "RVM-X02")
