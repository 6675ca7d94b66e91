//! <<name>>: a tracer that counts frames and instructions. A tracer observes: it cannot change gas, state or result.
use rvm_plugin::{raw, text, Text, Tracer};

/// One execution: every execution has its own, so two threads never mix.
#[derive(Default)]
struct Counts {
    frames: u64,
    instructions: u64,
    traps: u64,
}

impl Tracer for Counts {
    const ID: Text = text!("<<name>>");
    const SUMMARY: Text = text!("counts frames and instructions");
    const INTEREST: u32 = raw::RVM_TRACE_FRAME | raw::RVM_TRACE_OP; // OP makes programs run in slower, traced loops

    fn enter(&mut self, _: u64, _: &raw::rvm_message) {
        self.frames += 1;
    }
    fn op(&mut self, _: u64, _: &raw::rvm_op_event) {
        self.instructions += 1;
    }
    fn fault(&mut self, _: u64, _: &raw::rvm_op_event, _: i32) {
        self.traps += 1;
    }
    fn text(&mut self) -> String {
        format!("frames {}, instructions {}, traps {}\n", self.frames, self.instructions, self.traps)
    }
}

<<tail>>
