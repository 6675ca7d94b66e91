//! <<name>>: a program at a fixed address (a precompile), known to every format. It exchanges the halves of its input.
use rvm_plugin::{text, Program, Result, Stop, Text};

struct Swap;

impl Program for Swap {
    const ID: Text = text!("<<name>>/swap");
    const NAME: Text = text!("SWAP");
    const ADDRESS: [u8; 20] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xf0, 0x01]; // 16 zeros first

    /// 15, and 3 for every begun word of 32 bytes.
    fn price(input: &[u8]) -> Result<u64> {
        if input.len() % 2 != 0 {
            return Err(Stop::CRYPTO); // malformed input
        }
        Ok(15 + 3 * ((input.len() as u64 + 31) / 32))
    }
    fn output_size(input: &[u8]) -> usize {
        input.len()
    }
    fn run(input: &[u8], output: &mut [u8]) -> Result {
        let (first, second) = input.split_at(input.len() / 2);
        output[..second.len()].copy_from_slice(second);
        output[second.len()..input.len()].copy_from_slice(first);
        Ok(())
    }
}

<<tail>>
