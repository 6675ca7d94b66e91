//! Hashes that formats and other plugins resolve by name.
use crate::frame::bytes;
use crate::plugin::{Item, Text};
use crate::raw;
use crate::status::discard;
use std::os::raw::c_void;
use std::panic::{catch_unwind, AssertUnwindSafe};

/// A known answer, tried when the primitive is first resolved.
#[repr(transparent)]
pub struct KnownAnswer(raw::rvm_kat);
// SAFETY: points to static bytes.
unsafe impl Sync for KnownAnswer {}

/// `input` gives `expected`.
pub const fn known_answer(input: &'static [u8], expected: &'static [u8]) -> KnownAnswer {
    KnownAnswer(raw::rvm_kat {
        input: raw::rvm_view { data: input.as_ptr(), size: input.len() as u64 },
        expected: raw::rvm_view { data: expected.as_ptr(), size: expected.len() as u64 },
        status: raw::RVM_OK,
        reserved: 0,
    })
}

/// A hash with a digest of fixed size.
pub trait Hash {
    /// The stable name.
    const ID: Text;
    /// One line.
    const SUMMARY: Text;
    /// Bytes, 1 to 64.
    const DIGEST_SIZE: u32;
    /// At least one: profile consensus refuses a primitive without.
    const ANSWERS: &'static [KnownAnswer];
    /// `digest` has DIGEST_SIZE bytes, all zero. Must not panic: a hash has no way to fail, so the digest would be zero.
    fn hash(input: &[u8], digest: &mut [u8]);
}

struct Table<H>(H);
impl<H: Hash> Table<H> {
    const CRYPTO: &'static raw::rvm_crypto = &raw::rvm_crypto {
        struct_size: std::mem::size_of::<raw::rvm_crypto>() as u32,
        flags: raw::RVM_F_PURE,
        id: H::ID.pointer(),
        summary: H::SUMMARY.pointer(),
        shape: raw::RVM_CRYPTO_HASH,
        digest_size: H::DIGEST_SIZE,
        hash: Some(hash_thunk::<H>),
        run: None,
        self_: std::ptr::null(),
        kats: H::ANSWERS.as_ptr() as *const raw::rvm_kat,
        kat_count: H::ANSWERS.len() as u64,
    };
}

unsafe extern "C" fn hash_thunk<H: Hash>(_: *const c_void, input: raw::rvm_view, digest: *mut u8) {
    // SAFETY: the digest has the size that was declared.
    let out = unsafe { std::slice::from_raw_parts_mut(digest, H::DIGEST_SIZE as usize) };
    out.fill(0);
    if let Err(payload) = catch_unwind(AssertUnwindSafe(|| H::hash(unsafe { bytes(input) }, out))) {
        discard(payload);
        // A half-made digest would differ between builds.
        unsafe { std::ptr::write_bytes(digest, 0, H::DIGEST_SIZE as usize) };
    }
}

/// The contribution of a hash.
pub const fn hash<H: Hash>() -> Item {
    Item::new(raw::RVM_KIND_CRYPTO, Table::<H>::CRYPTO)
}
