//! Storage engines.
use crate::frame::{bytes, view};
use crate::plugin::{Item, Text};
use crate::raw;
use crate::status::{guarded, guarded_with, Failure, Result, Stop};
use std::ffi::CStr;
use std::os::raw::{c_char, c_void};

/// One write of a batch; no value erases the key.
pub struct Write<'a> {
    /// Below `RVM_KEYSPACE_LIMIT`.
    pub keyspace: u32,
    /// Any bytes.
    pub key: &'a [u8],
    /// Nothing: the key goes away.
    pub value: Option<&'a [u8]>,
}

/// A consistent picture of one commit. Any thread may use it.
pub trait Snapshot: Send + Sync {
    /// The value of a key; lives as long as the snapshot.
    fn get(&self, keyspace: u32, key: &[u8]) -> Option<&[u8]>;
    /// Keys from the first one >= `key` on, ascending by unsigned bytes, within one keyspace.
    fn seek<'a>(&'a self, keyspace: u32, key: &[u8]) -> Box<dyn Iterator<Item = (&'a [u8], &'a [u8])> + 'a>;
}

/// A store of ordered keys in keyspaces.
pub trait Storage: Send + Sync + Sized {
    /// What `view` gives.
    type View: Snapshot + 'static;
    /// The name a manifest chooses it by.
    const ID: Text;
    /// One line.
    const SUMMARY: Text;
    /// `config` is JSON.
    fn open(config: &str) -> std::result::Result<Self, Failure>;
    /// Of the last commit; never waits for a writer.
    fn view(&self) -> std::result::Result<Self::View, Failure>;
    /// All or nothing, durable when it returns; later writes of a key win. Calls may come from several threads: one at a time.
    fn commit(&self, writes: &[Write]) -> std::result::Result<(), Failure>;
}

type Cursor = Box<dyn Iterator<Item = (&'static [u8], &'static [u8])>>;

unsafe extern "C" fn open<S: Storage>(_: *const c_void, config: *const c_char, out: *mut *mut raw::rvm_store, error: *mut raw::rvm_error) -> i32 {
    guarded_with(error, || {
        let config = if config.is_null() { "{}" } else { unsafe { CStr::from_ptr(config) }.to_str().map_err(|_| Stop::CONFIG)? };
        let store = S::open(config)?;
        unsafe { *out = Box::into_raw(Box::new(store)) as *mut raw::rvm_store };
        Ok(())
    })
}
unsafe extern "C" fn close<S: Storage>(store: *mut raw::rvm_store) {
    guarded(|| {
        drop(unsafe { Box::from_raw(store as *mut S) });
        Ok(())
    });
}
unsafe extern "C" fn view_thunk<S: Storage>(store: *mut raw::rvm_store, out: *mut *mut raw::rvm_store_view, error: *mut raw::rvm_error) -> i32 {
    guarded_with(error, || {
        let snapshot = unsafe { &*(store as *const S) }.view()?;
        unsafe { *out = Box::into_raw(Box::new(snapshot)) as *mut raw::rvm_store_view };
        Ok(())
    })
}
unsafe extern "C" fn release<S: Storage>(snapshot: *mut raw::rvm_store_view) {
    guarded(|| {
        drop(unsafe { Box::from_raw(snapshot as *mut S::View) });
        Ok(())
    });
}
unsafe extern "C" fn get<S: Storage>(snapshot: *mut raw::rvm_store_view, keyspace: u32, key: raw::rvm_view, value: *mut raw::rvm_view) -> i32 {
    guarded(|| {
        let found = unsafe { &*(snapshot as *const S::View) }.get(keyspace, unsafe { bytes(key) }).ok_or(Stop::NOT_FOUND)?;
        unsafe { *value = view(found) };
        Ok(())
    })
}
unsafe extern "C" fn seek<S: Storage>(snapshot: *mut raw::rvm_store_view, keyspace: u32, key: raw::rvm_view, out: *mut *mut raw::rvm_cursor) -> i32 {
    guarded(|| {
        // SAFETY: the host ends every cursor before it releases the view: 'static here is "as long as the view".
        let snapshot: &'static S::View = unsafe { &*(snapshot as *const S::View) };
        let cursor: Cursor = snapshot.seek(keyspace, unsafe { bytes(key) });
        unsafe { *out = Box::into_raw(Box::new(cursor)) as *mut raw::rvm_cursor };
        Ok(())
    })
}
unsafe extern "C" fn next(cursor: *mut raw::rvm_cursor, key: *mut raw::rvm_view, value: *mut raw::rvm_view) -> i32 {
    guarded(|| {
        let pair = unsafe { &mut *(cursor as *mut Cursor) }.next().ok_or(Stop::NOT_FOUND)?;
        unsafe {
            *key = view(pair.0);
            *value = view(pair.1);
        }
        Ok(())
    })
}
unsafe extern "C" fn end(cursor: *mut raw::rvm_cursor) {
    guarded(|| -> Result {
        drop(unsafe { Box::from_raw(cursor as *mut Cursor) });
        Ok(())
    });
}
unsafe extern "C" fn commit<S: Storage>(store: *mut raw::rvm_store, writes: *const raw::rvm_store_write, count: u64, error: *mut raw::rvm_error) -> i32 {
    guarded_with(error, || {
        let given: &[raw::rvm_store_write] = if count == 0 { &[] } else { unsafe { std::slice::from_raw_parts(writes, count as usize) } };
        let mut list = Vec::with_capacity(given.len());
        for write in given {
            if write.keyspace >= raw::RVM_KEYSPACE_LIMIT {
                return Err(Failure::new(Stop::INVALID_ARGUMENT, "a write names a keyspace that does not exist"));
            }
            let value = if write.value.data.is_null() { None } else { Some(unsafe { bytes(write.value) }) };
            list.push(Write { keyspace: write.keyspace, key: unsafe { bytes(write.key) }, value });
        }
        unsafe { &*(store as *const S) }.commit(&list)
    })
}

struct Table<S>(S);
impl<S: Storage> Table<S> {
    const STORAGE: &'static raw::rvm_storage = &raw::rvm_storage {
        struct_size: std::mem::size_of::<raw::rvm_storage>() as u32,
        flags: 0,
        id: S::ID.pointer(),
        summary: S::SUMMARY.pointer(),
        self_: std::ptr::null(),
        open: Some(open::<S>),
        close: Some(close::<S>),
        view: Some(view_thunk::<S>),
        release: Some(release::<S>),
        get: Some(get::<S>),
        seek: Some(seek::<S>),
        next: Some(next),
        end: Some(end),
        commit: Some(commit::<S>),
    };
}

/// The contribution of a storage engine.
pub const fn storage<S: Storage>() -> Item {
    Item::new(raw::RVM_KIND_STORAGE, Table::<S>::STORAGE)
}
