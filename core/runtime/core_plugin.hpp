// What the core contributes itself, through the same door as every plugin: the storage engine "memory".
#pragma once

#include <rvm/plugin.h>

extern "C" {
/// Descriptor "org.rvm.core".
extern const rvm_entry rvm_core_entry;
}
