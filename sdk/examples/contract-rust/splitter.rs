// Splits what it is sent: the input is a list of addresses, each gets the same part, and the rest stays. Calls every one
// of them, whatever format its code has; when one refuses, nothing happened. Slot 0 counts the splits.
#![no_std]
include!(concat!(env!("RVM_CONTRACT_INCLUDE"), "/rvm.rs"));

const ADDRESS: usize = 20;

/// value / parts, by hand: 256 bits.
fn divide(value: &rvm::Value, parts: u32) -> rvm::Value {
    let mut out = [0; 32];
    let mut rest = 0u64;
    for (to, digit) in out.iter_mut().zip(value) {
        rest = rest << 8 | u64::from(*digit);
        *to = (rest / u64::from(parts)) as u8;
        rest %= u64::from(parts);
    }
    out
}

#[no_mangle]
pub extern "C" fn execute() {
    let count = rvm::input_size() / ADDRESS;
    if count == 0 || rvm::input_size() % ADDRESS != 0 {
        rvm::revert(b"expected addresses");
    }
    let part = divide(&rvm::value(), count as u32);
    for i in 0..count {
        let mut address = [0; ADDRESS];
        rvm::input(&mut address, i * ADDRESS);
        if rvm::call(&address, &part, &[]) != rvm::Answer::Done {
            rvm::revert(&address);
        }
        rvm::log(&part, &[[i as u8; 32]]);
    }
    let key = [0; 32];
    let mut splits = rvm::load(&key);
    for digit in splits.iter_mut().rev() {
        *digit = digit.wrapping_add(1);
        if *digit != 0 {
            break;
        }
    }
    rvm::store(&key, &splits);
    rvm::output(&part);
}
