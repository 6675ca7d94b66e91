//! <<name>>: the hash <<name>>.fnv1a, FNV-1a with 64 bits (Fowler, Noll, Vo). Quick, and no protection against anybody.
use rvm_plugin::{known_answer, text, Hash, KnownAnswer, Text};

struct Fnv1a;

impl Hash for Fnv1a {
    const ID: Text = text!("<<name>>.fnv1a");
    const SUMMARY: Text = text!("64-bit FNV-1a");
    const DIGEST_SIZE: u32 = 8; // most significant byte first
    const ANSWERS: &'static [KnownAnswer] = &[
        known_answer(b"", &[0xcb, 0xf2, 0x9c, 0xe4, 0x84, 0x22, 0x23, 0x25]),
        known_answer(b"a", &[0xaf, 0x63, 0xdc, 0x4c, 0x86, 0x01, 0xec, 0x8c]),
    ];

    fn hash(input: &[u8], digest: &mut [u8]) {
        let hash = input.iter().fold(0xcbf2_9ce4_8422_2325u64, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3));
        digest.copy_from_slice(&hash.to_be_bytes());
    }
}

<<tail>>
