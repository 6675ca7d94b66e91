//! <<name>>: the syscall <<name>>.reverse, which answers with its input backwards.
use rvm_plugin::{text, Call, Gas, Result, Stop, Syscall, Text};

struct Reverse;

impl Syscall for Reverse {
    const ID: Text = text!("<<name>>.reverse");
    const SUMMARY: Text = text!("bytes -> bytes backwards");
    // The host charges this before the syscall runs: 20, and 3 for every 32 bytes of input.
    const GAS: Gas = Gas { base: 20, per_unit: 3, unit_bytes: 32 };
    const MAX_OUTPUT: u64 = 4096; // bytes of an answer; the host never asks for more

    fn run(input: &[u8], output: &mut [u8], _: &mut Call) -> Result<usize> {
        let answer = output.get_mut(..input.len()).ok_or(Stop::LIMIT)?;
        answer.copy_from_slice(input);
        answer.reverse();
        Ok(input.len())
    }
}

<<tail>>
