//! Syscalls of native and wasm programs.
use crate::frame::{bytes, bytes_mut, Call};
use crate::plugin::{Item, Text};
use crate::raw;
use crate::status::{guarded, Result, Stop};
use std::os::raw::c_void;

/// cost = base + per_unit * ceil(input size / unit_bytes), charged by the host before the call.
pub struct Gas {
    /// At least 1, unless the deployment lists the item as free.
    pub base: u64,
    /// For each begun unit.
    pub per_unit: u64,
    /// Bytes; 0: no part that depends on the size.
    pub unit_bytes: u32,
}

/// A call from programs by name: bytes in, bytes out.
pub trait Syscall {
    /// The stable name that programs import.
    const ID: Text;
    /// One line.
    const SUMMARY: Text;
    /// Over the input's size.
    const GAS: Gas;
    /// Largest answer in bytes.
    const MAX_OUTPUT: u64;
    /// `RVM_F_*`. PURE: the answer depends on the input alone.
    const FLAGS: u32 = raw::RVM_F_PURE;
    /// Writes the answer to the start of `output` and returns its size; `Stop::LIMIT` when it does not fit.
    fn run(input: &[u8], output: &mut [u8], call: &mut Call) -> Result<usize>;
}

struct Table<S>(S);
impl<S: Syscall> Table<S> {
    const GAS: &'static raw::rvm_gas_schedule = &raw::rvm_gas_schedule {
        struct_size: std::mem::size_of::<raw::rvm_gas_schedule>() as u32,
        unit_bytes: S::GAS.unit_bytes,
        base: S::GAS.base,
        per_unit: S::GAS.per_unit,
        custom: None,
    };
    const SYSCALL: &'static raw::rvm_syscall = &raw::rvm_syscall {
        struct_size: std::mem::size_of::<raw::rvm_syscall>() as u32,
        flags: S::FLAGS,
        id: S::ID.pointer(),
        summary: S::SUMMARY.pointer(),
        gas: Self::GAS,
        max_output: S::MAX_OUTPUT,
        run: Some(run::<S>),
        self_: std::ptr::null(),
    };
}

unsafe extern "C" fn run<S: Syscall>(
    _: *const c_void,
    frame: *mut raw::rvm_frame,
    input: raw::rvm_view,
    output: raw::rvm_span,
    output_size: *mut u64,
) -> i32 {
    guarded(|| {
        // SAFETY: input and output are the callee's for the call and never overlap.
        let (input, room) = unsafe { (bytes(input), bytes_mut(output)) };
        let written = S::run(input, room, &mut unsafe { Call::new(frame, 0) })?;
        if written as u64 > output.size {
            return Err(Stop::INTERNAL); // it says it wrote more than there was room for
        }
        unsafe { *output_size = written as u64 };
        Ok(())
    })
}

/// The contribution of a syscall.
pub const fn syscall<S: Syscall>() -> Item {
    Item::new(raw::RVM_KIND_SYSCALL, Table::<S>::SYSCALL)
}
