//! <<name>>: the verb `rvm <<name>>`, which counts the bytes of standard input.
use rvm_plugin::{raw, text, Command, Io, Result, Text};

struct Count;

impl Command for Count {
    const NAME: Text = text!("<<name>>");
    const SUMMARY: Text = text!("count the bytes of standard input"); // as in the sidecar

    fn run(io: &Io, words: &[&str]) -> Result<i32> {
        if let Some(word) = words.first() {
            io.error(&format!("{}: unexpected argument\n", word))?;
            return Ok(raw::RVM_EXIT_USAGE);
        }
        let mut buffer = [0; 4096];
        let mut total = 0;
        loop {
            match io.read(&mut buffer)? {
                0 => break,
                count => total += count,
            }
        }
        io.out(&if io.json() { format!("{{\"bytes\": {}}}\n", total) } else { format!("{} bytes\n", total) })?;
        Ok(raw::RVM_EXIT_OK)
    }
}

<<tail>>
