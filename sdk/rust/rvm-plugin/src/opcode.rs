//! Opcodes of native programs.
use crate::frame::Call;
use crate::plugin::{Item, Text};
use crate::raw;
use crate::status::{guarded, Result};
use std::os::raw::c_void;

/// An opcode of the native machine: words in, words out.
pub trait Opcode {
    /// The stable name that programs import and the assembler writes.
    const ID: Text;
    /// One line.
    const SUMMARY: Text;
    /// Charged before each execution.
    const GAS: u64;
    /// Operands, at most 16.
    const POPS: u8;
    /// Results, at most 16.
    const PUSHES: u8;
    /// Bytes in the code after the opcode's index, at most 8.
    const IMMEDIATE_SIZE: u8 = 0;
    /// `RVM_F_*`. PURE: the result depends on the operands alone.
    const FLAGS: u32 = raw::RVM_F_PURE;
    /// `words` has max(POPS, PUSHES) words: the operands, deepest first; results are written from its start.
    fn run(words: &mut [u64], call: &mut Call) -> Result;
}

struct Table<O>(O);
impl<O: Opcode> Table<O> {
    const OPCODE: &'static raw::rvm_opcode = &raw::rvm_opcode {
        struct_size: std::mem::size_of::<raw::rvm_opcode>() as u32,
        flags: O::FLAGS,
        id: O::ID.pointer(),
        mnemonic: O::ID.pointer(),
        summary: O::SUMMARY.pointer(),
        gas: O::GAS,
        pops: O::POPS,
        pushes: O::PUSHES,
        immediate_size: O::IMMEDIATE_SIZE,
        reserved0: 0,
        reserved1: 0,
        run: Some(run::<O>),
        self_: std::ptr::null(),
    };
}

unsafe extern "C" fn run<O: Opcode>(_: *const c_void, frame: *mut raw::rvm_frame, args: *mut u64, immediate: u64) -> i32 {
    guarded(|| {
        let count = O::POPS.max(O::PUSHES) as usize;
        // SAFETY: the window of this opcode.
        let words = if count == 0 { &mut [][..] } else { unsafe { std::slice::from_raw_parts_mut(args, count) } };
        O::run(words, &mut unsafe { Call::new(frame, immediate) })
    })
}

/// The contribution of an opcode.
pub const fn opcode<O: Opcode>() -> Item {
    Item::new(raw::RVM_KIND_OPCODE, Table::<O>::OPCODE)
}
