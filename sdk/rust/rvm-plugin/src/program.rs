//! Programs at fixed addresses.
use crate::frame::bytes;
use crate::plugin::{Item, Text};
use crate::raw;
use crate::status::{guarded, Result, Stop};
use std::os::raw::c_void;

/// A program that every format and every transaction reaches at its address: no frame, no state.
pub trait Program {
    /// The stable name.
    const ID: Text;
    /// For traces.
    const NAME: Text;
    /// The first 16 bytes are zero.
    const ADDRESS: [u8; 20];
    /// What this input costs, paid before `run`; an error is the program's outcome.
    fn price(input: &[u8]) -> Result<u64>;
    /// Bytes of the answer to this input; `run` is called with exactly as many.
    fn output_size(input: &[u8]) -> usize;
    /// Writes the answer.
    fn run(input: &[u8], output: &mut [u8]) -> Result;
}

struct Table<P>(P);
impl<P: Program> Table<P> {
    const PROGRAM: &'static raw::rvm_program = &raw::rvm_program {
        struct_size: std::mem::size_of::<raw::rvm_program>() as u32,
        flags: raw::RVM_F_PURE,
        id: P::ID.pointer(),
        name: P::NAME.pointer(),
        address: raw::rvm_address { bytes: P::ADDRESS },
        reserved: 0,
        rules: std::ptr::null(),
        run: Some(run::<P>),
        self_: std::ptr::null(),
    };
}

unsafe extern "C" fn run<P: Program>(_: *const c_void, input: raw::rvm_view, gas: *mut i64, out: *mut raw::rvm_span) -> i32 {
    guarded(|| {
        // SAFETY: the caller's for the time of the call.
        let (input, gas, out) = unsafe { (bytes(input), &mut *gas, &mut *out) };
        let price = P::price(input)?;
        if *gas < 0 || price > *gas as u64 {
            return Err(Stop::OUT_OF_GAS);
        }
        let size = P::output_size(input) as u64;
        if out.size < size {
            out.size = size;
            return Err(Stop::BUFFER_TOO_SMALL); // the host calls again: nothing is paid yet
        }
        *gas -= price as i64;
        out.size = size;
        P::run(input, unsafe { crate::frame::bytes_mut(*out) })
    })
}

/// The contribution of a program.
pub const fn program<P: Program>() -> Item {
    Item::new(raw::RVM_KIND_PROGRAM, Table::<P>::PROGRAM)
}
