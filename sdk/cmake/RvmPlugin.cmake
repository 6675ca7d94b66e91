# rvm_add_plugin(): filled by the SDK
