# rvm_add_contract(): programs for the format wasm, from C or Rust.
#
#   rvm_add_contract(NAME SOURCE file.c|file.rs
#       [WASI]              an ordinary program with main() and the language's library
#       [OUTPUT_DIR dir])   default: ${RVM_CONTRACT_DIR}, else the current binary directory
#
# Makes NAME.wasm as part of all; the property CONTRACT_FILE of the target contract_NAME says where it is. Needs Debian's
# clang-19 and lld-19, or rustc and libstd-rust-dev-wasm32; with WASI also wasi-libc and libclang-rt-19-dev-wasm32. Without
# them there is no target, and a message says what is missing.

find_program(RVM_CONTRACT_CC NAMES clang-19 clang)
find_program(RVM_CONTRACT_LD NAMES wasm-ld-19 wasm-ld)
find_program(RVM_CONTRACT_RUSTC NAMES rustc PATHS /usr/bin NO_DEFAULT_PATH)
# Compiles `text` with `command`... ; what it needs is there or not, whatever packages are called.
function(rvm_contract_can result extension text)
  if(DEFINED CACHE{${result}})
    return()
  endif()
  set(file ${CMAKE_CURRENT_BINARY_DIR}/${result}.${extension})
  file(WRITE ${file} "${text}")
  execute_process(COMMAND ${ARGN} -o ${file}.wasm ${file} RESULT_VARIABLE failed OUTPUT_QUIET ERROR_QUIET)
  if(failed)
    set(${result} OFF CACHE INTERNAL "")
  else()
    set(${result} ON CACHE INTERNAL "")
  endif()
endfunction()

function(rvm_add_contract name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "WASI" "SOURCE;OUTPUT_DIR" "")
  if(NOT RVM_CONTRACT_INCLUDE_DIR) # in the source tree; an installation says where rvm.h and rvm.rs are
    get_filename_component(RVM_CONTRACT_INCLUDE_DIR ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/../contracts ABSOLUTE)
  endif()
  get_filename_component(source ${arg_SOURCE} ABSOLUTE)
  get_filename_component(extension ${arg_SOURCE} LAST_EXT)
  set(output ${arg_OUTPUT_DIR})
  if(NOT output)
    set(output ${RVM_CONTRACT_DIR})
  endif()
  if(NOT output)
    set(output ${CMAKE_CURRENT_BINARY_DIR})
  endif()

  if(extension STREQUAL ".c")
    set(headers ${RVM_CONTRACT_INCLUDE_DIR}/rvm.h)
    if(arg_WASI)
      set(command ${RVM_CONTRACT_CC} --target=wasm32-wasi -O2 -Wall -Wextra -Wl,--strip-debug)
      rvm_contract_can(RVM_CONTRACT_C_WASI c "#include <stdio.h>\nint main(void) { puts(\"\"); return 0; }\n" ${command})
      set(can ${RVM_CONTRACT_C_WASI})
    else()
      set(command ${RVM_CONTRACT_CC} --target=wasm32 -ffreestanding -nostdlib -O2 -Wall -Wextra -Wl,--no-entry
          -Wl,-z,stack-size=16384 -I${RVM_CONTRACT_INCLUDE_DIR})
      rvm_contract_can(RVM_CONTRACT_C c "void execute(void) {}\n" ${command})
      set(can ${RVM_CONTRACT_C})
    endif()
    set(missing "clang-19, lld-19 (WASI: wasi-libc, libclang-rt-19-dev-wasm32)")
  else()
    set(headers ${RVM_CONTRACT_INCLUDE_DIR}/rvm.rs)
    if(arg_WASI)
      set(command ${RVM_CONTRACT_RUSTC} --target wasm32-wasi --edition 2021 -O -C strip=debuginfo)
      rvm_contract_can(RVM_CONTRACT_RUST_WASI rs "fn main() {}\n" ${command})
      set(can ${RVM_CONTRACT_RUST_WASI})
    else()
      set(command ${RVM_CONTRACT_RUSTC} --target wasm32-unknown-unknown --edition 2021 --crate-type cdylib -O
          -C panic=abort -C strip=debuginfo -C link-arg=-zstack-size=16384)
      rvm_contract_can(RVM_CONTRACT_RUST rs
        "#![no_std]\n#[panic_handler]\nfn panic(_: &core::panic::PanicInfo) -> ! { core::arch::wasm32::unreachable() }\n"
        ${command})
      set(can ${RVM_CONTRACT_RUST})
    endif()
    set(missing "rustc, libstd-rust-dev-wasm32")
  endif()
  if(NOT can)
    message(STATUS "rvm: the contract ${name} is not built; it needs ${missing}")
    return()
  endif()

  set(file ${output}/${name}.wasm)
  add_custom_command(OUTPUT ${file} COMMAND ${CMAKE_COMMAND} -E make_directory ${output}
                     COMMAND ${CMAKE_COMMAND} -E env RVM_CONTRACT_INCLUDE=${RVM_CONTRACT_INCLUDE_DIR} ${command} -o ${file} ${source}
                     DEPENDS ${source} ${headers} VERBATIM)
  add_custom_target(contract_${name} ALL DEPENDS ${file})
  set_target_properties(contract_${name} PROPERTIES CONTRACT_FILE ${file})
endfunction()
