//! Plugins for the rvm runtime in Rust, over `<rvm/plugin.h>`. No dependencies; Rust 1.63 or newer.
//!
//! A trait for each kind of contribution (`Opcode`, `Syscall`, `Hash`, `Program`, `Format`, `Storage`, `Tracer`, `Command`)
//! and a function that makes the C table of a type that has it; `plugin!` lists them and defines the one exported symbol:
//!
//! ```ignore
//! use rvm_plugin::{text, Call, Opcode, Result, Text};
//!
//! struct Add;
//! impl Opcode for Add {
//!     const ID: Text = text!("arith.add");
//!     const SUMMARY: Text = text!("a b -> a + b");
//!     const GAS: u64 = 3;
//!     const POPS: u8 = 2;
//!     const PUSHES: u8 = 1;
//!     fn run(words: &mut [u64], _call: &mut Call) -> Result {
//!         words[0] = words[0].wrapping_add(words[1]);
//!         Ok(())
//!     }
//! }
//!
//! rvm_plugin::plugin! {
//!     name: "arith", vendor: "example", license: "MIT", description: "Arithmetic",
//!     provides: ["rvm.opcode/1:arith.add"], requires: [],
//!     items: [rvm_plugin::opcode::<Add>()],
//! }
//! ```
//!
//! `rvm_add_plugin()` of the CMake package compiles `.rs` sources with this crate; id and version come from there.
//!
//! What is checked: every struct has the header's layout (when this crate is compiled), a panic ends at the boundary as
//! `RVM_E_EXCEPTION` and prints nothing, views and spans are slices with lifetimes, memory and gas go through checked functions.
//! What is not: the host is trusted to pass what the header promises, and Rust's library ends the process when memory runs out.
//! [`raw`] is the header itself, for everything the traits do not cover.
#![warn(missing_docs)]
#![warn(unsafe_op_in_unsafe_fn)]

mod command;
mod crypto;
mod format;
mod frame;
mod opcode;
mod plugin;
mod program;
pub mod raw;
mod status;
mod storage;
mod syscall;
mod tracer;

pub use command::{command, Command, Io};
pub use crypto::{hash, known_answer, Hash, KnownAnswer};
pub use format::{format, Format, Outcome, Probe};
pub use frame::{Call, Frame};
pub use opcode::{opcode, Opcode};
pub use plugin::{Item, Items, Text, Texts};
#[doc(hidden)]
pub use plugin::{create, Entry};
pub use program::{program, Program};
pub use status::{Failure, Result, Stop};
pub use storage::{storage, Snapshot, Storage, Write};
pub use syscall::{syscall, Gas, Syscall};
pub use tracer::{tracer, Tracer};
