/* Exports entries of two ABI majors: this host wants exactly one symbol. */
#include "plugin_base.h"
RVM_EXPORT const rvm_entry rvm_plugin_entry_v9 = RVM_ENTRY_INIT(&test_descriptor, test_create);
