/* A key-value store of the embedding program, in memory: what rvm keeps the world in. Replace it by your own. */
#ifndef STORE_H
#define STORE_H

#include <rvm/plugin.h>

/* The engine "shop", for the manifest's "storage". Its contents live as long as the process. */
extern const rvm_storage shop_storage;
/* Pairs that are kept now. */
uint64_t shop_pairs(void);

#endif
