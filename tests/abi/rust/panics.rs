//! Items that panic: what must arrive at the host is a status, and nothing on the terminal.
use rvm_plugin::{text, Call, Gas, Opcode, Program, Result, Syscall, Text};

struct Divide;
impl Opcode for Divide {
    const ID: Text = text!("panics.divide");
    const SUMMARY: Text = text!("a b -> a / b, panics for 0");
    const GAS: u64 = 5;
    const POPS: u8 = 2;
    const PUSHES: u8 = 1;
    fn run(words: &mut [u64], _: &mut Call) -> Result {
        words[0] /= words[1];
        Ok(())
    }
}

struct Pick;
impl Syscall for Pick {
    const ID: Text = text!("panics.pick");
    const SUMMARY: Text = text!("the byte that the first byte numbers, panics outside");
    const GAS: Gas = Gas { base: 5, per_unit: 0, unit_bytes: 0 };
    const MAX_OUTPUT: u64 = 1;
    fn run(input: &[u8], output: &mut [u8], _: &mut Call) -> Result<usize> {
        output[0] = input[usize::from(input[0])];
        Ok(1)
    }
}

struct Always;
impl Program for Always {
    const ID: Text = text!("panics/always");
    const NAME: Text = text!("ALWAYS");
    const ADDRESS: [u8; 20] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xf0, 0x02];
    fn price(_: &[u8]) -> Result<u64> {
        Ok(1)
    }
    fn output_size(_: &[u8]) -> usize {
        0
    }
    fn run(_: &[u8], _: &mut [u8]) -> Result {
        panic!("as it says")
    }
}

rvm_plugin::plugin! {
    name: "Panics", vendor: "rvm", license: "MIT", description: "Items that panic",
    provides: ["rvm.opcode/1:panics.divide", "rvm.syscall/1:panics.pick", "rvm.program/1:panics/always"], requires: [],
    items: [rvm_plugin::opcode::<Divide>(), rvm_plugin::syscall::<Pick>(), rvm_plugin::program::<Always>()],
}
