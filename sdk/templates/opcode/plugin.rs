//! <<name>>: the opcode <<name>>.apply, which replaces a b by a + b (modulo 2^64).
use rvm_plugin::{text, Call, Opcode, Result, Text};

struct Apply;

impl Opcode for Apply {
    const ID: Text = text!("<<name>>.apply");
    const SUMMARY: Text = text!("a b -> a + b");
    const GAS: u64 = 3; // what a native ADD costs
    const POPS: u8 = 2;
    const PUSHES: u8 = 1;

    /// words[0] is the deepest operand; results are written from words[0] up.
    fn run(words: &mut [u64], _: &mut Call) -> Result {
        words[0] = words[0].wrapping_add(words[1]);
        Ok(())
    }
}

<<tail>>
