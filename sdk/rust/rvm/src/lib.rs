//! Embedding the rvm runtime in Rust, over `<rvm/rvm.h>` and librvm.so. Rust 1.63 or newer; no crates but `rvm-plugin`.
//!
//! ```ignore
//! let runtime = rvm::Runtime::open("configs/dev.json")?;
//! let mut world = runtime.ephemeral()?;
//! let mut tx = world.begin(&[])?;
//! tx.set_code(&address, &code, "native")?;
//! let outcome = tx.execute(&rvm::Message { to: address, input: b"", gas: 100_000, ..Default::default() })?;
//! let changes = tx.end()?;
//! ```
//!
//! A [`Runtime`] may be shared by threads; a [`World`] belongs to one thread at a time. Outcomes of programs are values, host
//! failures are [`Error`]s. [`raw`] and `rvm_plugin::raw` are the headers themselves.
#![warn(missing_docs)]
#![warn(unsafe_op_in_unsafe_fn)]

pub mod raw;
mod world;

pub use rvm_plugin::raw::{rvm_address as Address, rvm_bytes32 as Bytes32, rvm_u256 as U256};
pub use world::{Changes, Log, Message, Outcome, SlotChange, Transaction, World};

use rvm_plugin::raw as abi;
use std::ffi::{CStr, CString};
use std::fmt;

/// Why the host could not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// `RVM_E_*`, or a trap where the world refuses a change (`RVM_TRAP_BALANCE`).
    pub status: i32,
    /// For people; names the file, the place, what was expected and found.
    pub text: String,
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        if self.text.is_empty() {
            write!(out, "{}", status_text(self.status))
        } else {
            write!(out, "{}", self.text)
        }
    }
}
impl std::error::Error for Error {}

/// "ok", "out of gas", ...
pub fn status_text(status: i32) -> &'static str {
    // SAFETY: static text.
    unsafe { CStr::from_ptr(raw::rvm_status_text(status)) }.to_str().unwrap_or("")
}
/// Of the library: "0.1.0".
pub fn version() -> &'static str {
    // SAFETY: static text.
    unsafe { CStr::from_ptr(raw::rvm_version()) }.to_str().unwrap_or("")
}

/// An empty error for the library to fill.
pub(crate) struct ErrorRoom(abi::rvm_error);
impl ErrorRoom {
    pub(crate) fn new() -> ErrorRoom {
        ErrorRoom(abi::rvm_error { struct_size: std::mem::size_of::<abi::rvm_error>() as u32, code: 0, message: [0; 496] })
    }
    pub(crate) fn get(&mut self) -> *mut abi::rvm_error {
        &mut self.0
    }
    pub(crate) fn error(&self, status: i32) -> Error {
        // SAFETY: the library ends the text with a zero.
        let text = unsafe { CStr::from_ptr(self.0.message.as_ptr()) }.to_string_lossy().into_owned();
        Error { status, text }
    }
}

fn c_text(text: &str) -> Result<CString, Error> {
    CString::new(text).map_err(|_| Error { status: abi::RVM_E_INVALID_ARGUMENT, text: "a text with a zero inside".to_string() })
}

/// A deployment: manifest, plugins, limits, store.
pub struct Runtime(*mut raw::rvm_runtime);
// SAFETY: <rvm/rvm.h>: every function is usable from any thread.
unsafe impl Send for Runtime {}
unsafe impl Sync for Runtime {}

impl Runtime {
    /// The deployment that a manifest file describes.
    pub fn open(manifest: &str) -> Result<Runtime, Error> {
        let path = c_text(manifest)?;
        Runtime::from(|error| unsafe { raw::rvm_runtime_open(path.as_ptr(), error) })
    }
    /// The same from text; relative paths in it are relative to `base`.
    pub fn open_text(manifest: &str, base: &str) -> Result<Runtime, Error> {
        let (text, base) = (c_text(manifest)?, c_text(base)?);
        Runtime::from(|error| unsafe { raw::rvm_runtime_open_text(text.as_ptr(), base.as_ptr(), error) })
    }
    fn from(open: impl FnOnce(*mut abi::rvm_error) -> *mut raw::rvm_runtime) -> Result<Runtime, Error> {
        let mut room = ErrorRoom::new();
        let runtime = open(room.get());
        if runtime.is_null() {
            let status = room.0.code;
            return Err(room.error(status));
        }
        Ok(Runtime(runtime))
    }
    /// All findings of the opening, warnings included, one a line.
    pub fn findings(&self) -> String {
        // SAFETY: lives as long as the runtime.
        unsafe { CStr::from_ptr(raw::rvm_runtime_findings(self.0)) }.to_string_lossy().into_owned()
    }
    /// A world over the deployment's store.
    pub fn world(&self) -> Result<World<'_>, Error> {
        World::open(self, 0)
    }
    /// A world over an empty store of its own.
    pub fn ephemeral(&self) -> Result<World<'_>, Error> {
        World::open(self, abi::RVM_WORLD_EPHEMERAL)
    }
    pub(crate) fn parts(&self) -> (&'static abi::rvm_host_world, *mut abi::rvm_host_ctx) {
        // SAFETY: the table is static in the library; the context lives as long as the runtime.
        unsafe { (&*raw::rvm_runtime_worlds(self.0), raw::rvm_runtime_context(self.0)) }
    }
}
impl Drop for Runtime {
    fn drop(&mut self) {
        // SAFETY: worlds borrow the runtime, so all are closed.
        unsafe { raw::rvm_runtime_close(self.0) }
    }
}
