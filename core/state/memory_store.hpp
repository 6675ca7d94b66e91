// The built-in storage engine "memory": everything is gone when the store is closed.
#pragma once

#include <rvm/plugin.h>

extern "C" {
/// Keyspaces are persistent search trees: a view is a copy of the roots, so it costs a few reference counts, sees one
/// commit for ever and blocks nobody. Takes no settings. All functions are thread-safe except cursors.
extern const rvm_storage rvm_memory_storage;
}
