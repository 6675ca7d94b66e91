// Naming the plugin whose exception ends the process.
#pragma once

namespace rvm::plugin {

/// Cold calls into plugins are caught (RVM-L02); hot ones (opcodes, formats, primitives, tracers) pay for no guard, so an
/// exception that leaves one ends in std::terminate. From now on the message on the error stream names the plugin it came
/// from, then the handler that was set before runs. For programs that own their process; call once, from main().
void name_plugin_on_terminate();

} // namespace rvm::plugin
