//! How calls end, and the wall that panics stop at.
use crate::raw;
use std::os::raw::c_char;
use std::panic::{catch_unwind, AssertUnwindSafe};

/// Why a call did not succeed: a trap (positive, an outcome of the program) or a failure of host or plugin (negative).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Stop(pub i32);

#[allow(missing_docs)]
impl Stop {
    pub const REVERT: Stop = Stop(raw::RVM_TRAP_REVERT);
    pub const OUT_OF_GAS: Stop = Stop(raw::RVM_TRAP_OUT_OF_GAS);
    pub const MEMORY: Stop = Stop(raw::RVM_TRAP_MEMORY);
    pub const STATIC: Stop = Stop(raw::RVM_TRAP_STATIC);
    pub const INVALID_CODE: Stop = Stop(raw::RVM_TRAP_INVALID_CODE);
    pub const ILLEGAL: Stop = Stop(raw::RVM_TRAP_ILLEGAL);
    pub const CRYPTO: Stop = Stop(raw::RVM_TRAP_CRYPTO);
    pub const ARITHMETIC: Stop = Stop(raw::RVM_TRAP_ARITHMETIC);
    pub const LIMIT: Stop = Stop(raw::RVM_TRAP_LIMIT);
    pub const UNSUPPORTED: Stop = Stop(raw::RVM_E_UNSUPPORTED);
    pub const INVALID_ARGUMENT: Stop = Stop(raw::RVM_E_INVALID_ARGUMENT);
    pub const CONFIG: Stop = Stop(raw::RVM_E_CONFIG);
    pub const NOT_FOUND: Stop = Stop(raw::RVM_E_NOT_FOUND);
    pub const IO: Stop = Stop(raw::RVM_E_IO);
    pub const INTERNAL: Stop = Stop(raw::RVM_E_INTERNAL);
    pub const EXCEPTION: Stop = Stop(raw::RVM_E_EXCEPTION);
    pub const BUFFER_TOO_SMALL: Stop = Stop(raw::RVM_E_BUFFER_TOO_SMALL);
}

/// Of calls that say no more than a status.
pub type Result<T = ()> = std::result::Result<T, Stop>;

/// A status with a text for people, where the boundary has room for one.
#[derive(Debug)]
pub struct Failure {
    /// What the call returns.
    pub stop: Stop,
    /// Truncated to 495 bytes.
    pub text: String,
}

impl Failure {
    /// A failure with a text.
    pub fn new(stop: Stop, text: impl Into<String>) -> Failure {
        Failure { stop, text: text.into() }
    }
}
impl From<Stop> for Failure {
    fn from(stop: Stop) -> Failure {
        Failure { stop, text: String::new() }
    }
}

/// The status of a raw call as a `Result`.
pub(crate) fn result_of(status: raw::rvm_status) -> Result {
    if status == raw::RVM_OK {
        Ok(())
    } else {
        Err(Stop(status))
    }
}

/// Ends a panic for good: dropping what it carries may panic again.
pub(crate) fn discard(payload: Box<dyn std::any::Any + Send>) {
    if let Err(again) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        std::mem::forget(again);
    }
}

/// Runs `body`; what unwinds out of it ends here.
pub(crate) fn guarded(body: impl FnOnce() -> Result) -> raw::rvm_status {
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(())) => raw::RVM_OK,
        Ok(Err(stop)) => stop.0,
        Err(payload) => {
            discard(payload);
            raw::RVM_E_EXCEPTION
        }
    }
}

/// The same with a text for `error`, which may be null.
pub(crate) fn guarded_with(error: *mut raw::rvm_error, body: impl FnOnce() -> std::result::Result<(), Failure>) -> raw::rvm_status {
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(())) => raw::RVM_OK,
        Ok(Err(failure)) => {
            explain(error, failure.stop, &failure.text);
            failure.stop.0
        }
        Err(payload) => {
            let text = payload.downcast_ref::<&str>().copied().or_else(|| payload.downcast_ref::<String>().map(|text| text.as_str()));
            explain(error, Stop::EXCEPTION, text.unwrap_or("a panic without a text"));
            discard(payload);
            raw::RVM_E_EXCEPTION
        }
    }
}

fn explain(error: *mut raw::rvm_error, stop: Stop, text: &str) {
    // SAFETY: null, or the caller's zeroed struct for the time of the call.
    if let Some(error) = unsafe { error.as_mut() } {
        error.code = stop.0;
        let room = error.message.len() - 1;
        for (place, byte) in error.message[..room].iter_mut().zip(text.bytes()) {
            *place = byte as c_char;
        }
    }
}
