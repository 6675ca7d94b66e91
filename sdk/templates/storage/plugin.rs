//! <<name>>: a storage engine in memory. A commit makes a new map; views keep the map of their time.
use rvm_plugin::{text, Failure, Snapshot, Stop, Storage, Text, Write};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

/// Ordered by keyspace, then by the key's unsigned bytes.
type Table = BTreeMap<(u32, Vec<u8>), Arc<[u8]>>;

struct Store {
    current: Mutex<Arc<Table>>, // held for a pointer only, so that views never wait for a writer
    writing: Mutex<()>,         // one commit at a time
}

struct View(Arc<Table>);

fn poisoned<T>(_: T) -> Failure {
    Failure::new(Stop::INTERNAL, "an earlier commit ended in a panic")
}

impl Snapshot for View {
    fn get(&self, keyspace: u32, key: &[u8]) -> Option<&[u8]> {
        self.0.get(&(keyspace, key.to_vec())).map(|value| &**value)
    }
    fn seek<'a>(&'a self, keyspace: u32, key: &[u8]) -> Box<dyn Iterator<Item = (&'a [u8], &'a [u8])> + 'a> {
        let from = self.0.range((keyspace, key.to_vec())..);
        Box::new(from.take_while(move |(at, _)| at.0 == keyspace).map(|(at, value)| (&at.1[..], &value[..])))
    }
}

impl Storage for Store {
    type View = View;
    const ID: Text = text!("<<name>>");
    const SUMMARY: Text = text!("ordered keys in memory");

    fn open(_config: &str) -> Result<Self, Failure> {
        Ok(Store { current: Mutex::default(), writing: Mutex::default() })
    }
    fn view(&self) -> Result<View, Failure> {
        Ok(View(self.current.lock().map_err(poisoned)?.clone()))
    }
    /// All or nothing: readers see the old map until the new one is whole.
    fn commit(&self, writes: &[Write]) -> Result<(), Failure> {
        let _one_at_a_time = self.writing.lock().map_err(poisoned)?;
        let mut table = Table::clone(&self.view()?.0);
        for write in writes {
            let key = (write.keyspace, write.key.to_vec());
            match write.value {
                Some(value) => table.insert(key, value.into()),
                None => table.remove(&key),
            };
        }
        *self.current.lock().map_err(poisoned)? = Arc::new(table);
        Ok(())
    }
}

<<tail>>
