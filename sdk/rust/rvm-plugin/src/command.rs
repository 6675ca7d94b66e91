//! Verbs of the `rvm` program.
use crate::frame::view;
use crate::plugin::{Item, Text};
use crate::raw;
use crate::status::{discard, result_of, Result};
use std::ffi::CStr;
use std::os::raw::{c_char, c_void};
use std::panic::{catch_unwind, AssertUnwindSafe};

/// What a verb may use of the terminal.
pub struct Io<'a>(&'a raw::rvm_command_io);

impl Io<'_> {
    /// Did the user ask for JSON?
    pub fn json(&self) -> bool {
        self.0.flags & raw::RVM_IO_JSON != 0
    }
    /// To standard output.
    pub fn out(&self, text: &str) -> Result {
        self.write(raw::RVM_IO_OUT, text)
    }
    /// To standard error.
    pub fn error(&self, text: &str) -> Result {
        self.write(raw::RVM_IO_ERROR, text)
    }
    /// Bytes of standard input; 0 at its end.
    pub fn read(&self, buffer: &mut [u8]) -> Result<usize> {
        let mut span = raw::rvm_span { data: buffer.as_mut_ptr(), size: buffer.len() as u64 };
        // SAFETY: the host's function, with a span that lives.
        result_of(unsafe { self.0.read.expect("a host has read")(self.0.ctx, &mut span) })?;
        Ok(span.size as usize)
    }
    fn write(&self, stream: u32, text: &str) -> Result {
        // SAFETY: as above.
        result_of(unsafe { self.0.write.expect("a host has write")(self.0.ctx, stream, view(text.as_bytes())) })
    }
}

/// A verb.
pub trait Command {
    /// The verb.
    const NAME: Text;
    /// One line, equal to the sidecar's.
    const SUMMARY: Text;
    /// `words` are those after the verb, without what is not UTF-8. Returns the exit status, `RVM_EXIT_*`.
    fn run(io: &Io, words: &[&str]) -> Result<i32>;
}

struct Table<C>(C);
impl<C: Command> Table<C> {
    const COMMAND: &'static raw::rvm_command = &raw::rvm_command {
        struct_size: std::mem::size_of::<raw::rvm_command>() as u32,
        flags: 0,
        id: C::NAME.pointer(),
        summary: C::SUMMARY.pointer(),
        self_: std::ptr::null_mut(),
        run: Some(run::<C>),
    };
}

unsafe extern "C" fn run<C: Command>(_: *mut c_void, io: *const raw::rvm_command_io, argc: i32, argv: *const *const c_char) -> i32 {
    let ended = catch_unwind(AssertUnwindSafe(|| {
        // SAFETY: argc texts, alive during the call.
        let words: Vec<&str> =
            (1..argc.max(1) as usize).filter_map(|at| unsafe { CStr::from_ptr(*argv.add(at)) }.to_str().ok()).collect();
        C::run(&Io(unsafe { &*io }), &words)
    }));
    match ended {
        Ok(Ok(exit)) => exit,
        Ok(Err(_)) => raw::RVM_EXIT_INTERNAL,
        Err(payload) => {
            discard(payload);
            raw::RVM_EXIT_INTERNAL
        }
    }
}

/// The contribution of a verb.
pub const fn command<C: Command>() -> Item {
    Item::new(raw::RVM_KIND_COMMAND, Table::<C>::COMMAND)
}
