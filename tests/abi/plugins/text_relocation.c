/* An absolute address inside code. */
#include "plugin_base.h"
#if defined(__x86_64__)
__asm__(".text\n.quad test_create\n");
#else
__asm__(".text\n.balign 8\n.xword test_create\n");
#endif
