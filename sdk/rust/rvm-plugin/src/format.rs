//! Execution formats.
use crate::frame::{bytes, view, Frame};
use crate::plugin::{Item, Text};
use crate::raw;
use crate::status::{discard, guarded, guarded_with, Failure, Result};
use std::os::raw::{c_char, c_void};
use std::panic::{catch_unwind, AssertUnwindSafe};

/// Whose code is it?
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Probe {
    /// Not ours.
    No,
    /// Ours when nobody else takes it.
    Fallback,
    /// Its first bytes say so.
    Yes,
}

/// The word a frame ends with: 32 bytes, big-endian, or nothing.
pub type Outcome = Option<[u8; 32]>;

/// An execution format whose frames answer with one word. A format with longer answers, calls or state uses [`raw`].
pub trait Format {
    /// Code made ready to run; shared by threads.
    type Artifact: Send + Sync;
    /// Stored with every account whose code it is.
    const ID: Text;
    /// One line.
    const SUMMARY: Text;
    /// Rule sets; at least one, the last is the default. Ends with `Text::NONE`: see [`rules!`](crate::rules).
    const RULES: &'static [Text];
    /// Bytes of native stack a frame may need.
    const NATIVE_STACK: u64;
    /// Gas for each byte that a creation leaves behind.
    const GAS_PER_DEPLOYED_BYTE: u64;
    /// Is this code of the format?
    fn probe(code: &[u8]) -> Probe;
    /// Judges code and makes it ready; `Stop::INVALID_CODE` refuses it. Depends on the code alone.
    fn compile(code: &[u8]) -> std::result::Result<Self::Artifact, Failure>;
    /// Runs one frame; gas is paid with `frame.charge`. `position` is where a trap happened, in bytes of the code.
    fn execute(artifact: &Self::Artifact, frame: &mut Frame, position: &mut u64) -> Result<Outcome>;
    /// The instruction at `at` as text and its size in bytes; nothing at the end.
    fn disassemble(code: &[u8], at: usize) -> Option<(String, usize)>;
}

/// The rule sets of a format as a constant.
#[macro_export]
macro_rules! rules {
    ($($name:expr),+ $(,)?) => { &[$($crate::text!($name),)+ $crate::Text::NONE] };
}

unsafe extern "C" fn probe<F: Format>(_: *const c_void, code: raw::rvm_view) -> u32 {
    match catch_unwind(AssertUnwindSafe(|| F::probe(unsafe { bytes(code) }))) {
        Ok(Probe::Yes) => raw::RVM_PROBE_YES,
        Ok(Probe::Fallback) => raw::RVM_PROBE_FALLBACK,
        Ok(Probe::No) => raw::RVM_PROBE_NO,
        Err(payload) => {
            discard(payload);
            raw::RVM_PROBE_NO
        }
    }
}

unsafe extern "C" fn compile<F: Format>(
    _: *const c_void,
    code: raw::rvm_view,
    _rules: u32,
    _tier: u32,
    out: *mut *mut raw::rvm_artifact,
    error: *mut raw::rvm_error,
) -> i32 {
    guarded_with(error, || {
        let artifact = F::compile(unsafe { bytes(code) })?;
        unsafe { *out = Box::into_raw(Box::new(artifact)) as *mut raw::rvm_artifact };
        Ok(())
    })
}

unsafe extern "C" fn release<F: Format>(_: *const c_void, artifact: *mut raw::rvm_artifact) {
    guarded(|| {
        // SAFETY: made by compile, released once.
        drop(unsafe { Box::from_raw(artifact as *mut F::Artifact) });
        Ok(())
    });
}

unsafe extern "C" fn execute<F: Format>(
    _: *const c_void,
    artifact: *const raw::rvm_artifact,
    frame: *mut raw::rvm_frame,
    result: *mut raw::rvm_result,
) -> i32 {
    guarded(|| {
        // SAFETY: the host's for the time of the call.
        let (result, mut frame) = unsafe { (&mut *result, Frame::new(frame)) };
        let outcome = F::execute(unsafe { &*(artifact as *const F::Artifact) }, &mut frame, &mut result.fault_position)?;
        if let Some(word) = outcome {
            // SAFETY: 32 bytes of scratch, which stay untouched until a later frame runs at this depth.
            let kept = unsafe { std::slice::from_raw_parts_mut(frame.scratch(), word.len()) };
            kept.copy_from_slice(&word);
            result.output = view(kept);
        }
        Ok(())
    })
}

unsafe extern "C" fn deployed<F: Format>(
    _: *const c_void,
    frame: *mut raw::rvm_frame,
    code: *mut raw::rvm_view,
    _format: *mut *const c_char,
) -> i32 {
    guarded(|| {
        let code = unsafe { bytes(*code) };
        if !code.is_empty() {
            F::compile(code).map_err(|failure| failure.stop)?;
        }
        unsafe { Frame::new(frame) }.charge(F::GAS_PER_DEPLOYED_BYTE.saturating_mul(code.len() as u64))
    })
}

unsafe extern "C" fn disassemble<F: Format>(_: *const c_void, code: raw::rvm_view, at: u64, text: *mut c_char, size: u64) -> u64 {
    let shown = catch_unwind(AssertUnwindSafe(|| {
        let code = unsafe { bytes(code) };
        let (line, used) = if at < code.len() as u64 { F::disassemble(code, at as usize)? } else { return None };
        if size > 0 {
            let room = line.len().min(size as usize - 1);
            // SAFETY: `size` bytes of the caller.
            let out = unsafe { std::slice::from_raw_parts_mut(text as *mut u8, room + 1) };
            out[..room].copy_from_slice(&line.as_bytes()[..room]);
            out[room] = 0;
        }
        Some(used as u64)
    }));
    match shown {
        Ok(used) => used.unwrap_or(0),
        Err(payload) => {
            discard(payload);
            0
        }
    }
}

struct Table<F>(F);
impl<F: Format> Table<F> {
    const FORMAT: &'static raw::rvm_format = &raw::rvm_format {
        struct_size: std::mem::size_of::<raw::rvm_format>() as u32,
        flags: 0,
        id: F::ID.pointer(),
        summary: F::SUMMARY.pointer(),
        rules: F::RULES.as_ptr() as *const *const c_char,
        rule_flags: std::ptr::null(),
        units_per_gas: 1,
        scratch_bytes: 32,
        native_stack_per_frame: F::NATIVE_STACK,
        self_: std::ptr::null(),
        probe: Some(probe::<F>),
        compile: Some(compile::<F>),
        release: Some(release::<F>),
        execute: Some(execute::<F>),
        scratch_release: None,
        deployed: Some(deployed::<F>),
        delegate_of: None,
        code_hash: None,
        create_address: None,
        disassemble: Some(disassemble::<F>),
        fault_name: None,
        source_of: None,
    };
}

/// The contribution of a format.
pub const fn format<F: Format>() -> Item {
    Item::new(raw::RVM_KIND_FORMAT, Table::<F>::FORMAT)
}
