//! Tracers: observers that cannot change gas, state or result.
use crate::frame::view;
use crate::plugin::{Item, Text};
use crate::raw;
use crate::status::{discard, guarded, Result};
use std::os::raw::{c_char, c_void};
use std::panic::{catch_unwind, AssertUnwindSafe};

/// One execution as the tracer sees it. What a function panics with is dropped.
pub trait Tracer: Default + Send {
    /// The name people ask for.
    const ID: Text;
    /// One line.
    const SUMMARY: Text;
    /// `RVM_TRACE_*`: what is reported at all. OP makes programs run in slower, traced loops.
    const INTEREST: u32;
    /// A frame begins.
    fn enter(&mut self, _frame: u64, _message: &raw::rvm_message) {}
    /// A frame ended.
    fn leave(&mut self, _frame: u64, _result: &raw::rvm_result) {}
    /// Before an instruction.
    fn op(&mut self, _frame: u64, _event: &raw::rvm_op_event) {}
    /// An instruction trapped.
    fn fault(&mut self, _frame: u64, _event: &raw::rvm_op_event, _status: i32) {}
    /// A change of state.
    fn state(&mut self, _frame: u64, _event: &raw::rvm_state_event) {}
    /// A log.
    fn log(&mut self, _frame: u64, _event: &raw::rvm_log_event) {}
    /// What was collected.
    fn text(&mut self) -> String;
}

struct Running<T> {
    tracer: T,
    text: String, // what `text` last gave: the host reads it until `end`
}

/// # Safety
/// `cookie` is what `begin` made.
unsafe fn observe<T: Tracer>(cookie: *mut c_void, body: impl FnOnce(&mut Running<T>)) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(|| body(unsafe { &mut *(cookie as *mut Running<T>) }))) {
        discard(payload);
    }
}

unsafe extern "C" fn begin<T: Tracer>(_: *mut c_void, _: *const c_char, _: u64, cookie: *mut *mut c_void) -> i32 {
    guarded(|| {
        let running = Box::new(Running { tracer: T::default(), text: String::new() });
        unsafe { *cookie = Box::into_raw(running) as *mut c_void };
        Ok(())
    })
}
unsafe extern "C" fn end<T: Tracer>(_: *mut c_void, cookie: *mut c_void, _: *const raw::rvm_result) {
    guarded(|| {
        // SAFETY: the last call with this cookie.
        drop(unsafe { Box::from_raw(cookie as *mut Running<T>) });
        Ok(())
    });
}
unsafe extern "C" fn enter<T: Tracer>(_: *mut c_void, cookie: *mut c_void, frame: u64, message: *const raw::rvm_message, _: *const c_char) {
    unsafe { observe::<T>(cookie, |running| running.tracer.enter(frame, &*message)) }
}
unsafe extern "C" fn leave<T: Tracer>(_: *mut c_void, cookie: *mut c_void, frame: u64, result: *const raw::rvm_result) {
    unsafe { observe::<T>(cookie, |running| running.tracer.leave(frame, &*result)) }
}
unsafe extern "C" fn op<T: Tracer>(_: *mut c_void, cookie: *mut c_void, frame: u64, event: *const raw::rvm_op_event) {
    unsafe { observe::<T>(cookie, |running| running.tracer.op(frame, &*event)) }
}
unsafe extern "C" fn fault<T: Tracer>(_: *mut c_void, cookie: *mut c_void, frame: u64, event: *const raw::rvm_op_event, status: i32) {
    unsafe { observe::<T>(cookie, |running| running.tracer.fault(frame, &*event, status)) }
}
unsafe extern "C" fn state<T: Tracer>(_: *mut c_void, cookie: *mut c_void, frame: u64, event: *const raw::rvm_state_event) {
    unsafe { observe::<T>(cookie, |running| running.tracer.state(frame, &*event)) }
}
unsafe extern "C" fn log<T: Tracer>(_: *mut c_void, cookie: *mut c_void, frame: u64, event: *const raw::rvm_log_event) {
    unsafe { observe::<T>(cookie, |running| running.tracer.log(frame, &*event)) }
}
unsafe extern "C" fn text<T: Tracer>(_: *mut c_void, cookie: *mut c_void, out: *mut raw::rvm_view) -> i32 {
    guarded(|| -> Result {
        // SAFETY: as `observe`.
        let running = unsafe { &mut *(cookie as *mut Running<T>) };
        running.text = running.tracer.text();
        unsafe { *out = view(running.text.as_bytes()) };
        Ok(())
    })
}

struct Table<T>(T);
impl<T: Tracer> Table<T> {
    const TRACER: &'static raw::rvm_tracer = &raw::rvm_tracer {
        struct_size: std::mem::size_of::<raw::rvm_tracer>() as u32,
        interest: T::INTEREST,
        id: T::ID.pointer(),
        summary: T::SUMMARY.pointer(),
        self_: std::ptr::null_mut(),
        begin: Some(begin::<T>),
        end: Some(end::<T>),
        enter: Some(enter::<T>),
        leave: Some(leave::<T>),
        op: Some(op::<T>),
        fault: Some(fault::<T>),
        state: Some(state::<T>),
        log: Some(log::<T>),
        text: Some(text::<T>),
    };
}

/// The contribution of a tracer.
pub const fn tracer<T: Tracer>() -> Item {
    Item::new(raw::RVM_KIND_TRACER, Table::<T>::TRACER)
}
