//! A complete rvm plugin in Rust: the syscall words.count, which answers with the number of words in its input as eight bytes,
//! little-endian, as a native program's load64 reads them.
use rvm_plugin::{text, Call, Gas, Result, Stop, Syscall, Text};

struct Count;

impl Syscall for Count {
    const ID: Text = text!("words.count");
    const SUMMARY: Text = text!("text -> number of words between white space");
    const GAS: Gas = Gas { base: 20, per_unit: 6, unit_bytes: 32 };
    const MAX_OUTPUT: u64 = 8;

    fn run(input: &[u8], output: &mut [u8], _: &mut Call) -> Result<usize> {
        let words = input.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).count() as u64;
        let answer = output.get_mut(..8).ok_or(Stop::LIMIT)?;
        answer.copy_from_slice(&words.to_le_bytes());
        Ok(answer.len())
    }
}

rvm_plugin::plugin! {
    name: "Words", vendor: "rvm", license: "MIT", description: "One syscall: words.count",
    provides: ["rvm.syscall/1:words.count"], requires: [],
    items: [rvm_plugin::syscall::<Count>()],
}
