// The native format as a plugin: registered by the runtime through the same path as any `.so`.
#pragma once

#include <rvm/plugin.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Descriptor "org.rvm.native", contributes the format "native".
extern const rvm_entry rvm_native_entry;

#ifdef __cplusplus
}
#endif
