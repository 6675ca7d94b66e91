//! What an item sees of the frame that calls it.
use crate::raw;
use crate::status::{Result, Stop};
use std::marker::PhantomData;

/// The frame a call of an opcode or syscall happens in. Items that promise `RVM_F_PURE` get a guard, whose functions all fail.
pub struct Call<'a> {
    frame: *mut raw::rvm_frame,
    immediate: u64,
    lives: PhantomData<&'a mut raw::rvm_frame>,
}

impl<'a> Call<'a> {
    /// # Safety
    /// `frame` is the host's for the time of the call.
    pub(crate) unsafe fn new(frame: *mut raw::rvm_frame, immediate: u64) -> Call<'a> {
        Call { frame, immediate, lives: PhantomData }
    }

    /// The bytes in the code after an opcode's index, as a number.
    pub fn immediate(&self) -> u64 {
        self.immediate
    }

    /// The real frame; `RVM_E_INTERNAL` for a PURE item, which may not use one.
    pub fn frame(&mut self) -> Result<Frame<'_>> {
        // SAFETY: a guard frame has flags too.
        let guard = unsafe { (*self.frame).flags } & raw::RVM_FRAME_GUARD != 0;
        if guard {
            return Err(Stop::INTERNAL);
        }
        // SAFETY: as above; borrowed from this call.
        Ok(unsafe { Frame::new(self.frame) })
    }
}

/// One activation of one program, owned by the host.
pub struct Frame<'a> {
    frame: *mut raw::rvm_frame,
    lives: PhantomData<&'a mut raw::rvm_frame>,
}

impl<'a> Frame<'a> {
    /// # Safety
    /// `frame` is a real frame of the host, for as long as 'a.
    pub(crate) unsafe fn new(frame: *mut raw::rvm_frame) -> Frame<'a> {
        Frame { frame, lives: PhantomData }
    }
    fn get(&self) -> &raw::rvm_frame {
        // SAFETY: alive for 'a; the host changes it in calls of this thread only.
        unsafe { &*self.frame }
    }

    /// For calls of the host's tables in [`raw`].
    pub fn as_ptr(&mut self) -> *mut raw::rvm_frame {
        self.frame
    }
    /// Gas that is left.
    pub fn gas(&self) -> i64 {
        self.get().gas
    }
    /// Pays before the work is done (`RVM_F_CHARGES`, formats). Return the error at once.
    pub fn charge(&mut self, gas: u64) -> Result {
        // SAFETY: as `get`.
        let frame = unsafe { &mut *self.frame };
        if frame.gas < 0 || gas > frame.gas as u64 {
            frame.gas = 0;
            return Err(Stop::OUT_OF_GAS);
        }
        frame.gas -= gas as i64;
        Ok(())
    }
    /// Bytes of a native frame's memory (`RVM_F_MEMORY`); `RVM_TRAP_MEMORY` outside of it.
    pub fn memory(&mut self, offset: u64, size: u64) -> Result<&mut [u8]> {
        let memory = self.get().memory;
        if size > memory.size || offset > memory.size - size {
            return Err(Stop::MEMORY);
        }
        if size == 0 {
            return Ok(&mut []);
        }
        // SAFETY: inside the frame's memory, which stays where it is while this borrow lives: growing it needs the frame.
        Ok(unsafe { std::slice::from_raw_parts_mut(memory.data.add(offset as usize), size as usize) })
    }
    /// The input of the frame's message.
    pub fn input(&self) -> &[u8] {
        // SAFETY: a frame has a message, and its input lives as long.
        unsafe { bytes((*self.get().msg).input) }
    }
    /// The code being executed.
    pub fn program(&self) -> &'a [u8] {
        // SAFETY: code outlives the frame.
        unsafe { bytes(self.get().program) }
    }
    /// Is every change of state forbidden?
    pub fn is_static(&self) -> bool {
        self.get().flags & raw::RVM_FRAME_STATIC != 0
    }
    /// The format's scratch area at this depth.
    pub(crate) fn scratch(&mut self) -> *mut u8 {
        self.get().scratch as *mut u8
    }
}

/// # Safety
/// The view's bytes live for 'a.
pub(crate) unsafe fn bytes<'a>(view: raw::rvm_view) -> &'a [u8] {
    if view.size == 0 {
        return &[]; // the pointer may be null
    }
    unsafe { std::slice::from_raw_parts(view.data, view.size as usize) }
}
/// # Safety
/// The span's bytes are the callee's alone for 'a.
pub(crate) unsafe fn bytes_mut<'a>(span: raw::rvm_span) -> &'a mut [u8] {
    if span.size == 0 {
        return &mut [];
    }
    unsafe { std::slice::from_raw_parts_mut(span.data, span.size as usize) }
}
/// A view that is never null: an empty value is not an absent one.
pub(crate) fn view(bytes: &[u8]) -> raw::rvm_view {
    raw::rvm_view { data: bytes.as_ptr(), size: bytes.len() as u64 }
}
