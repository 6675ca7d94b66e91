//! Worlds and transactions.
use crate::{c_text, raw, Address, Bytes32, Error, ErrorRoom, Runtime, U256};
use rvm_plugin::raw as abi;
use std::marker::PhantomData;

/// A view of the state with its pending transactions. One thread at a time; may move to another.
pub struct World<'a> {
    table: &'static abi::rvm_host_world,
    world: *mut abi::rvm_world,
    runtime: PhantomData<&'a Runtime>,
}
// SAFETY: "one thread at a time" is what a value without Sync is.
unsafe impl Send for World<'_> {}

/// A top-level message.
#[derive(Clone, Copy)]
pub struct Message<'a> {
    /// Who sends it.
    pub from: Address,
    /// Whose program runs.
    pub to: Address,
    /// Moved before it runs.
    pub value: U256,
    /// Bytes for the program.
    pub input: &'a [u8],
    /// Budget.
    pub gas: i64,
}
impl Default for Message<'_> {
    fn default() -> Self {
        Message { from: Address { bytes: [0; 20] }, to: Address { bytes: [0; 20] }, value: U256 { limbs: [0; 4] }, input: &[], gas: 0 }
    }
}

/// How a message ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// `RVM_OK` or `RVM_TRAP_*`.
    pub status: i32,
    /// Of the message's budget.
    pub gas_used: i64,
    /// Counter of refunds; the embedder applies it as its rules say.
    pub refund: i64,
    /// What the program returned or reverted with.
    pub output: Vec<u8>,
}

/// A log of the transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log {
    /// Whose program wrote it.
    pub address: Address,
    /// At most four.
    pub topics: Vec<Bytes32>,
    /// Any bytes.
    pub data: Vec<u8>,
}

/// A slot before and after a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct SlotChange {
    pub address: Address,
    pub key: U256,
    pub before: U256,
    pub after: U256,
}

impl<'a> World<'a> {
    pub(crate) fn open(runtime: &'a Runtime, flags: u32) -> Result<World<'a>, Error> {
        let (table, context) = runtime.parts();
        let (mut room, mut world) = (ErrorRoom::new(), std::ptr::null_mut());
        // SAFETY: as <rvm/plugin.h> says; so for every call of the table below.
        let status = unsafe { table.open.expect("of rvm.host.world/1")(context, flags, &mut world, room.get()) };
        if status != abi::RVM_OK {
            return Err(room.error(status));
        }
        Ok(World { table, world, runtime: PhantomData })
    }

    /// Begins a transaction. `env`: words such as ("block.number", 7); unset ones are zero.
    pub fn begin(&mut self, env: &[(&str, U256)]) -> Result<Transaction<'_, 'a>, Error> {
        let mut words = Vec::new();
        for (name, value) in env {
            let name = c_text(name)?;
            let key = unsafe { raw::rvm_env_key(name.as_ptr()) } as usize;
            if key >= abi::RVM_ENV_LIMIT as usize {
                return Err(Error { status: abi::RVM_E_INVALID_ARGUMENT, text: "too many environment words".to_string() });
            }
            words.resize(words.len().max(key + 1), U256 { limbs: [0; 4] });
            words[key] = *value;
        }
        let given = abi::rvm_tx_env {
            struct_size: std::mem::size_of::<abi::rvm_tx_env>() as u32,
            flags: 0,
            words: words.as_ptr(),
            word_count: words.len() as u64,
            rules: std::ptr::null(),
            block_hash: None,
            ctx: std::ptr::null_mut(),
            tracer: std::ptr::null(),
            tracer_config: std::ptr::null(),
        };
        let mut room = ErrorRoom::new();
        let status = unsafe { self.table.tx_begin.expect("of rvm.host.world/1")(self.world, &given, room.get()) };
        if status != abi::RVM_OK {
            return Err(room.error(status));
        }
        Ok(Transaction { world: self, open: true })
    }

    /// Writes all ended transactions as one atomic batch.
    pub fn commit(&mut self) -> Result<(), Error> {
        let mut room = ErrorRoom::new();
        match unsafe { self.table.commit.expect("of rvm.host.world/1")(self.world, std::ptr::null(), 0, room.get()) } {
            abi::RVM_OK => Ok(()),
            status => Err(room.error(status)),
        }
    }
    /// Forgets everything since the last commit.
    pub fn discard(&mut self) {
        unsafe { self.table.discard.expect("of rvm.host.world/1")(self.world) }
    }
}
impl Drop for World<'_> {
    fn drop(&mut self) {
        unsafe { self.table.close.expect("of rvm.host.world/1")(self.world) }
    }
}

/// An open transaction; dropped without `end`, its effects are dropped too.
pub struct Transaction<'t, 'a> {
    world: &'t mut World<'a>,
    open: bool,
}

impl Transaction<'_, '_> {
    fn account(&mut self, address: &Address, want: u32) -> Result<*mut abi::rvm_account, Error> {
        let mut account = std::ptr::null_mut();
        let status = unsafe { self.world.table.account.expect("of rvm.host.world/1")(self.world.world, address, want, &mut account) };
        checked(status).map(|()| account)
    }
    /// The account's balance.
    pub fn balance(&mut self, address: &Address) -> Result<U256, Error> {
        let account = self.account(address, abi::RVM_WANT_BALANCE)?;
        Ok(unsafe { (*account).balance })
    }
    /// Credits an account.
    pub fn add_balance(&mut self, address: &Address, amount: U256) -> Result<(), Error> {
        let account = self.account(address, abi::RVM_WANT_BALANCE)?;
        checked(unsafe { self.world.table.add_balance.expect("of rvm.host.world/1")(self.world.world, account, &amount) })
    }
    /// Gives an account code that the named format runs.
    pub fn set_code(&mut self, address: &Address, code: &[u8], format: &str) -> Result<(), Error> {
        let account = self.account(address, abi::RVM_WANT_CODE)?;
        let (format, mut room) = (c_text(format)?, ErrorRoom::new());
        let set = self.world.table.set_code.expect("of rvm.host.world/1");
        match unsafe { set(self.world.world, account, view(code), std::ptr::null(), format.as_ptr(), room.get()) } {
            abi::RVM_OK => Ok(()),
            status => Err(room.error(status)),
        }
    }
    /// A slot of an account.
    pub fn slot(&mut self, address: &Address, key: &U256) -> Result<U256, Error> {
        let account = self.account(address, 0)?;
        let mut value = U256 { limbs: [0; 4] };
        checked(unsafe { self.world.table.slot.expect("of rvm.host.world/1")(self.world.world, account, key, &mut value) })?;
        Ok(value)
    }
    /// Sets a slot of an account.
    pub fn set_slot(&mut self, address: &Address, key: &U256, value: &U256) -> Result<(), Error> {
        let account = self.account(address, 0)?;
        checked(unsafe { self.world.table.set_slot.expect("of rvm.host.world/1")(self.world.world, account, key, value) })
    }

    /// Runs one message. A trap is an outcome; `Err` is a failure of the host.
    pub fn execute(&mut self, message: &Message) -> Result<Outcome, Error> {
        // SAFETY: zero is a valid value of every field.
        let mut asked: abi::rvm_message = unsafe { std::mem::zeroed() };
        asked.struct_size = std::mem::size_of::<abi::rvm_message>() as u32;
        asked.kind = abi::RVM_CALL_CALL;
        asked.gas = message.gas;
        asked.sender = message.from;
        asked.recipient = message.to;
        asked.code_address = message.to;
        asked.value = message.value;
        asked.input = view(message.input);
        let mut result: abi::rvm_result = unsafe { std::mem::zeroed() };
        result.struct_size = std::mem::size_of::<abi::rvm_result>() as u32;
        let mut room = ErrorRoom::new();
        let status = unsafe { self.world.table.execute.expect("of rvm.host.world/1")(self.world.world, &asked, &mut result, room.get()) };
        if status < 0 {
            return Err(room.error(status));
        }
        let output = unsafe { bytes(result.output) };
        Ok(Outcome { status, gas_used: message.gas - result.gas_left, refund: result.refund, output })
    }

    /// Logs so far.
    pub fn logs(&self) -> Vec<Log> {
        let mut count = 0;
        let logs = unsafe { self.world.table.logs.expect("of rvm.host.world/1")(self.world.world, &mut count) };
        let copy = |log: &abi::rvm_log| Log {
            address: log.address,
            topics: log.topics[..log.topic_count as usize].to_vec(),
            data: unsafe { bytes(log.data) },
        };
        (0..count as usize).map(|at| copy(unsafe { &*logs.add(at) })).collect()
    }

    /// Ends the transaction; later ones of this world see its effects.
    pub fn end(mut self) -> Result<Changes, Error> {
        self.open = false;
        let (mut changes, mut room) = (std::ptr::null_mut(), ErrorRoom::new());
        match unsafe { self.world.table.tx_end.expect("of rvm.host.world/1")(self.world.world, 0, &mut changes, room.get()) } {
            abi::RVM_OK => Ok(Changes { table: self.world.table, changes }),
            status => Err(room.error(status)),
        }
    }
}
impl Drop for Transaction<'_, '_> {
    fn drop(&mut self) {
        if self.open {
            unsafe { self.world.table.tx_abort.expect("of rvm.host.world/1")(self.world.world) }
        }
    }
}

/// What a transaction changed.
pub struct Changes {
    table: &'static abi::rvm_host_world,
    changes: *mut abi::rvm_changes,
}
// SAFETY: immutable.
unsafe impl Send for Changes {}

impl Changes {
    /// SHA-256 over the documented encoding: two nodes compare this.
    pub fn digest(&self) -> [u8; 32] {
        let mut out = Bytes32 { bytes: [0; 32] };
        unsafe { self.table.digest.expect("of rvm.host.world/1")(self.changes, &mut out) };
        out.bytes
    }
    /// Slots that changed, ascending by address, then key.
    pub fn slots(&self) -> Vec<SlotChange> {
        let mut count = 0;
        let accounts = unsafe { self.table.changes.expect("of rvm.host.world/1")(self.changes, &mut count) };
        let mut out = Vec::new();
        for account in (0..count as usize).map(|at| unsafe { &*accounts.add(at) }) {
            for slot in (0..account.slot_count as usize).map(|at| unsafe { &*account.slots.add(at) }) {
                out.push(SlotChange { address: account.address, key: slot.key, before: slot.before, after: slot.after });
            }
        }
        out
    }
}
impl Drop for Changes {
    fn drop(&mut self) {
        unsafe { self.table.release_changes.expect("of rvm.host.world/1")(self.changes) }
    }
}

fn checked(status: i32) -> Result<(), Error> {
    if status == abi::RVM_OK {
        Ok(())
    } else {
        Err(Error { status, text: String::new() })
    }
}
fn view(bytes: &[u8]) -> abi::rvm_view {
    abi::rvm_view { data: bytes.as_ptr(), size: bytes.len() as u64 }
}
/// # Safety
/// The view is the host's and alive.
unsafe fn bytes(view: abi::rvm_view) -> Vec<u8> {
    if view.size == 0 {
        return Vec::new();
    }
    unsafe { std::slice::from_raw_parts(view.data, view.size as usize) }.to_vec()
}
