// The import module `rvm` for contracts in Rust, without crates: what a program asks of its frame and of the world.
//
//     #![no_std]
//     include!(concat!(env!("RVM_CONTRACT_INCLUDE"), "/rvm.rs"));
//
//     #[no_mangle]
//     pub extern "C" fn execute() { ... }        // called once a frame, in a new instance
//
// Values, keys and hashes are 32 bytes, big-endian; addresses 20. What each function costs: plugins/wasm/README.md.
#[allow(dead_code)]
mod rvm {
    pub type Value = [u8; 32];
    pub type Address = [u8; 20];

    mod sys {
        #[link(wasm_import_module = "rvm")]
        extern "C" {
            pub fn input_size() -> u32;
            pub fn input_read(to: *mut u8, offset: u32, size: u32);
            pub fn output(from: *const u8, size: u32);
            pub fn revert(from: *const u8, size: u32) -> !;
            pub fn caller(to: *mut u8);
            #[link_name = "self"]
            pub fn this(to: *mut u8);
            pub fn value(to: *mut u8);
            pub fn gas_left() -> u64;
            pub fn block_number() -> u64;
            pub fn block_timestamp() -> u64;
            pub fn storage_load(key: *const u8, to: *mut u8);
            pub fn storage_store(key: *const u8, value: *const u8);
            pub fn log(data: *const u8, size: u32, topics: *const u8, count: u32);
            pub fn balance(address: *const u8, to: *mut u8);
            pub fn call(address: *const u8, value: *const u8, input: *const u8, size: u32, gas: u64) -> u32;
            pub fn returned_size() -> u32;
            pub fn returned_read(to: *mut u8, offset: u32, size: u32);
            pub fn keccak256(input: *const u8, size: u32, output: *mut u8, room: u32) -> u32;
        }
    }

    /// How a call ended.
    #[derive(Clone, Copy, PartialEq, Eq)]
    pub enum Answer {
        Done,
        Reverted,
        Failed,
    }

    /// Bytes of the input.
    pub fn input_size() -> usize {
        unsafe { sys::input_size() as usize }
    }
    /// Fills `to` from the input at `offset`; traps when it is not there.
    pub fn input(to: &mut [u8], offset: usize) {
        unsafe { sys::input_read(to.as_mut_ptr(), offset as u32, to.len() as u32) }
    }
    /// The frame's output; the last one counts.
    pub fn output(bytes: &[u8]) {
        unsafe { sys::output(bytes.as_ptr(), bytes.len() as u32) }
    }
    /// Ends the frame with this output and undoes its effects.
    pub fn revert(bytes: &[u8]) -> ! {
        unsafe { sys::revert(bytes.as_ptr(), bytes.len() as u32) }
    }
    pub fn caller() -> Address {
        let mut out = [0; 20];
        unsafe { sys::caller(out.as_mut_ptr()) };
        out
    }
    /// The account that this code runs on.
    pub fn this() -> Address {
        let mut out = [0; 20];
        unsafe { sys::this(out.as_mut_ptr()) };
        out
    }
    /// What was sent along.
    pub fn value() -> Value {
        let mut out = [0; 32];
        unsafe { sys::value(out.as_mut_ptr()) };
        out
    }
    pub fn gas_left() -> u64 {
        unsafe { sys::gas_left() }
    }
    pub fn block_number() -> u64 {
        unsafe { sys::block_number() }
    }
    pub fn block_timestamp() -> u64 {
        unsafe { sys::block_timestamp() }
    }
    pub fn load(key: &Value) -> Value {
        let mut out = [0; 32];
        unsafe { sys::storage_load(key.as_ptr(), out.as_mut_ptr()) };
        out
    }
    pub fn store(key: &Value, value: &Value) {
        unsafe { sys::storage_store(key.as_ptr(), value.as_ptr()) }
    }
    /// At most 4 topics.
    pub fn log(data: &[u8], topics: &[Value]) {
        unsafe { sys::log(data.as_ptr(), data.len() as u32, topics.as_ptr() as *const u8, topics.len() as u32) }
    }
    pub fn balance(address: &Address) -> Value {
        let mut out = [0; 32];
        unsafe { sys::balance(address.as_ptr(), out.as_mut_ptr()) };
        out
    }
    /// Calls with all the gas that can be given.
    pub fn call(address: &Address, value: &Value, input: &[u8]) -> Answer {
        match unsafe { sys::call(address.as_ptr(), value.as_ptr(), input.as_ptr(), input.len() as u32, u64::MAX) } {
            0 => Answer::Done,
            1 => Answer::Reverted,
            _ => Answer::Failed,
        }
    }
    /// Bytes that the last call gave.
    pub fn returned_size() -> usize {
        unsafe { sys::returned_size() as usize }
    }
    /// Fills `to` from what the last call gave; traps when it is not there.
    pub fn returned(to: &mut [u8], offset: usize) {
        unsafe { sys::returned_read(to.as_mut_ptr(), offset as u32, to.len() as u32) }
    }
    /// The primitive of the plugin crypto.
    pub fn keccak256(bytes: &[u8]) -> Value {
        let mut out = [0; 32];
        unsafe { sys::keccak256(bytes.as_ptr(), bytes.len() as u32, out.as_mut_ptr(), 32) };
        out
    }
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    core::arch::wasm32::unreachable()
}
