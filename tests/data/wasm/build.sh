#!/bin/sh
# Builds the modules of this folder with Debian's clang and lld. Their bytes are committed: tests need no compiler.
set -eu
cd "$(dirname "$0")"
build() { # output, flags...
    output=$1
    shift
    ${CC:-clang} --target=wasm32 -nostdlib -Wl,--no-entry -Wl,--strip-debug "$@" -o "$output"
}
build features.wasm -O2 -mno-bulk-memory -mno-sign-ext features.c
build features_debug.wasm -O0 features.c
build features_simd.wasm -O3 -msimd128 -mbulk-memory -mtail-call -mmultivalue features.c
build counter.wasm -O2 counter.c
build relay.wasm -O2 relay.c
build hooks.wasm -O2 hooks.c
build direct.wasm -O2 direct.c
build wasi.wasm -O2 wasi.c
build recurse.wasm -O2 -Wl,-z,stack-size=1024 recurse.c
build maker.wasm -O2 maker.c
