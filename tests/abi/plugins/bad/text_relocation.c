/* An absolute address inside code. */
#include "bad.h"
#if defined(__x86_64__)
__asm__(".text\n.quad bad_create\n");
#else
__asm__(".text\n.balign 8\n.xword bad_create\n");
#endif
