//! run MANIFEST PROGRAM.rvm TIMES: calls a native program several times in one world and shows what each call changed.
use rvm::{Address, Error, Message, Runtime};

fn number(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |number, &byte| (number << 8) | u64::from(byte))
}

fn run(manifest: &str, code: &[u8], times: u32) -> Result<(), Error> {
    let runtime = Runtime::open(manifest)?;
    let mut world = runtime.ephemeral()?;
    let mut contract = Address { bytes: [0; 20] };
    contract.bytes[19] = 0x22;

    let mut deployment = world.begin(&[])?;
    deployment.set_code(&contract, code, "native")?;
    deployment.end()?;
    for _ in 0..times {
        let mut call = world.begin(&[])?;
        let outcome = call.execute(&Message { to: contract, gas: 100_000, ..Message::default() })?;
        println!("{}: {}, {} gas", rvm::status_text(outcome.status), number(&outcome.output), outcome.gas_used);
        for slot in call.end()?.slots() {
            println!("  slot {}: {} -> {}", slot.key.limbs[0], slot.before.limbs[0], slot.after.limbs[0]);
        }
    }
    Ok(())
}

fn main() {
    let words: Vec<String> = std::env::args().collect();
    if words.len() != 4 {
        eprintln!("usage: run MANIFEST PROGRAM.rvm TIMES");
        std::process::exit(2);
    }
    let done = std::fs::read(&words[2]).map_err(|error| format!("{}: {}", words[2], error)).and_then(|code| {
        run(&words[1], &code, words[3].parse().unwrap_or(1)).map_err(|error| error.to_string())
    });
    if let Err(text) = done {
        eprintln!("{}", text);
        std::process::exit(1);
    }
}
