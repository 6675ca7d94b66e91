// Data files inside the library: RVM_WALLET_EMBED(name, "file under the plugin's folder") at global scope defines
// name_begin and name_end.
#pragma once

#define RVM_WALLET_EMBED(name, file)                                                                                   \
    asm(".pushsection .rodata." #name ",\"a\",@progbits\n"                                                             \
        ".hidden " #name "_begin\n.hidden " #name "_end\n.global " #name "_begin\n.global " #name "_end\n" #name       \
        "_begin:\n.incbin \"" RVM_WALLET_SOURCE_DIR "/" file "\"\n" #name "_end:\n.byte 0\n"                           \
        ".popsection\n");                                                                                              \
    extern "C" const char name##_begin[] __attribute__((visibility("hidden")));                                        \
    extern "C" const char name##_end[] __attribute__((visibility("hidden")))
