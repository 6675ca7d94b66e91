#include <algorithm>
#include <array>

#include "cli/verb.hpp"

namespace rvm::host {

namespace {

constexpr std::array verbs{
    Verb{"demo", "run the demonstration programs that stand beside the program", "demo [--dir DIR]", "rvm demo --json",
         "", run_demo},
    Verb{"run", "run a program and print its result and gas", "run FILE [options]",
         "echo 'push 10  push 20  add  push 5  mul' | rvm run -",
         "The program runs as the account 0xc0de000000000000000000000000000000000000. A native program that falls off "
         "its\n"
         "end returns the top of its stack. Exit status: 0 success, 1 reverted or trapped.",
         run_run},
    Verb{"deploy", "create an account that runs a program", "deploy FILE [--state FILE] [options]",
         "rvm deploy counter.rasm --state world.json",
         "A native program becomes the account's code as it is, after its function `init` ran if it has one. Code of "
         "other\n"
         "formats is init code, whose output becomes the code.",
         run_deploy},
    Verb{"call", "send a message to a deployed program", "call ADDRESS [--state FILE] [options]",
         "rvm call 0xc0de000000000000000000000000000000000000 --state world.json --arg 5", "", run_call},
    Verb{"state", "look after the world in the manifest's storage",
         "state show | get ADDRESS [KEY] | export | import FILE | diff FROM [TO] | verify | compact",
         "rvm state show --config node.json",
         "show     height, sizes and what a commit promises\n"
         "get      an account, or one slot of it; --height N: as it was after commit N\n"
         "export   the whole state as a genesis alloc, or with --stream in compact form with callers' keyspaces\n"
         "import   makes the state of an empty store from either form, or from the alloc of geth's genesis.json\n"
         "diff     what changed between two heights; TO is the newest unless it is named\n"
         "verify   computes every hash, count and sum again; exit status 1 when one differs\n"
         "compact  removes what nothing reaches, then free pages; no other process may use the store",
         run_state},
    Verb{"asm", "assemble .rasm text into an .rvm container", "asm FILE [-o OUT]",
         "rvm asm counter.rasm -o counter.rvm", "Mnemonics of plugin opcodes become imports by name.", run_asm},
    Verb{"disasm", "show code as text that assembles to the same bytes", "disasm FILE [-o OUT]",
         "rvm disasm counter.rvm", "", run_disasm},
    Verb{"check", "verify a program without running it", "check FILE", "rvm check counter.rasm",
         "Prints size, imports and, for each function, stack need and static gas. Exit status: 0 valid, 1 not.",
         run_check},
    Verb{
        "profile", "say where a program's gas and time go", "profile FILE|ADDRESS [options]",
        "rvm profile share/rvm/demo/power.rasm -o power.svg",
        "Places are functions, source lines or instructions, as exactly as the format can say. Times are those of the\n"
        "traced loop.",
        run_profile},
    Verb{"record", "keep a run in a file that says all of it", "record -o FILE VERB [argument ...]",
         "rvm record -o sum.rvmrec run share/rvm/demo/arithmetic.hex",
         "VERB is any verb that runs programs in worlds, with its own words: run, deploy, call, test, evm, statetest, "
         "...\n"
         "The file holds the programs, the state they read, their inputs, what the outside answered, every instruction "
         "and\n"
         "the results. Exit status: that of VERB.",
         run_record},
    Verb{"replay", "run a recording again and find the first difference", "replay FILE [--against MANIFEST]",
         "rvm replay sum.rvmrec",
         "Everything is computed again and compared: results, changes of the state, logs, gas, and instruction by "
         "instruction\n"
         "what they left. Exit status: 0 equal, 1 not.",
         run_replay},
    Verb{"bench", "measure how long a program takes", "bench FILE [--against FILE] [options]",
         "rvm bench share/rvm/demo/power.rasm --samples 50",
         "A sample is the mean of several executions, each in the same state. Median, least sample and median distance "
         "from the\n"
         "median (MAD) are told, and the median over the steps and the gas of one execution; a step is an instruction, "
         "of\n"
         "WebAssembly a basic block. With --against the samples are taken in turn. Exit status: 0 measured, 1 the "
         "program reverted or trapped.",
         run_bench},
    Verb{"repl", "run native assembly line by line", "repl [options]", "echo 'push 10  push 20  add' | rvm repl",
         "Stack, registers, memory, storage and definitions stay from one entry to the next; what traps or is refused "
         "changes\n"
         "nothing. `:help` lists the commands. At a terminal lines are edited, kept and completed; else they are a "
         "script,\n"
         "whose exit status is 1 when an entry failed.",
         run_repl},
    Verb{"test", "run the tests that stand beside programs", "test [PATH ...] [options]", "rvm test share/rvm/demo",
         "Tests are JSON: accounts, programs, calls and what must come of them; properties over drawn arguments and\n"
         "invariants over drawn sequences of calls are made as simple as they still fail. Exit status: 0 nothing "
         "failed, 1\n"
         "something did.",
         run_test},
    Verb{"trace", "show what a run did, call by call or step by step",
         "trace [options] RECORDING | VERB [argument ...]", "rvm trace run share/rvm/demo/power.rasm",
         "A verb is run and its trace written to standard output after what it says itself, with --json as one "
         "document; a\n"
         "recording is not run again.\n"
         "With --html the trace is one page that needs nothing else: calls, steps, stack, memory, storage, gas, code.",
         run_trace},
    Verb{"plugin", "list, inspect, check, begin and sign plugins",
         "plugin list | inspect FILE | check FILE | new NAME | keygen FILE | sign FILE | verify FILE | pin FILE",
         "rvm plugin new twice --kind opcode --lang c",
         "list     every plugin of the deployment with what it provides; loads none\n"
         "inspect  sidecar and ELF facts of a file, without running any of it\n"
         "check    proves a file: runs it in a child process without network or files and tries every promise\n"
         "new      makes a project that builds, tests and checks itself:\n"
         "           --kind opcode|syscall|crypto|program|storage|tracer|command|format --lang c|cpp|rust\n"
         "keygen   makes a secret key in a new file and prints its public key\n"
         "sign     signs library and sidecar: NAME.rvm.sig beside NAME.so\n"
         "verify   says whose signature holds. Exit status: 0 one does, 78 none\n"
         "pin      prints the entry of a manifest that trusts exactly these bytes",
         run_plugin},
    Verb{"config", "make, judge, explain, pin and compare manifests",
         "config check | explain | lock [FILE] | diff OLD NEW | init FILE | schema [NAME]",
         "rvm config diff configs/dev.json configs/consensus.json",
         "check    loads every plugin, reports every collision and prints both fingerprints; 0 sound, 78 not\n"
         "explain  every decision, and the line of the manifest that caused it\n"
         "lock     the same manifest with a pin for every plugin that is loaded and the fingerprint it must have\n"
         "diff     what is added, lost or changed; exit status 1 when nodes would disagree about results or gas\n"
         "init     writes a manifest to begin with; standard and consensus pin the plugins beside the program\n"
         "schema   prints the JSON Schema of a manifest, of a `sidecar` or of a test file (`rtest`)",
         run_config},
    Verb{"explain", "explain an error code", "explain [CODE ...]", "rvm explain RVM-F02", "", run_explain},
    Verb{"fingerprint", "print what two nodes compare", "fingerprint [FILE]", "rvm fingerprint --json",
         "semantics covers what decides results and gas, binaries which files run.", run_fingerprint},
    Verb{"version", "print the versions of program, ABI and file formats", "version", "rvm version --json", "",
         run_version},
    Verb{"help", "list all verbs, or explain one", "help [VERB] [--man | --completion SHELL]", "rvm help run", "",
         run_help},
};

} // namespace

std::span<const Verb> verb_table() noexcept { return verbs; }

const Verb* find_verb(std::string_view name) noexcept {
    const auto* found = std::find_if(verbs.begin(), verbs.end(), [&](const Verb& verb) { return verb.name == name; });
    return found == verbs.end() ? nullptr : found;
}

} // namespace rvm::host
