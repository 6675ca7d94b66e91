// Sorts the lines of its input; the variable REVERSE turns the order round. Rust's own library, nothing else.
use std::io::{self, BufRead, Write};

fn main() -> io::Result<()> {
    let mut lines = io::stdin().lock().lines().collect::<io::Result<Vec<String>>>()?;
    lines.sort();
    if std::env::var_os("REVERSE").is_some() {
        lines.reverse();
    }
    let mut out = io::stdout().lock();
    for line in lines {
        writeln!(out, "{line}")?;
    }
    Ok(())
}
