//! <<name>>: an execution format. Code is three magic bytes and instructions on a stack of 64-bit words.
use rvm_plugin::{rules, text, Failure, Format, Frame, Outcome, Probe, Result, Stop, Text};

const MAGIC: [u8; 3] = [0xc0, 0xde, 0x01];
const STACK: usize = 16;
const NAMES: [&str; 4] = ["end", "push", "add", "mul"];

enum Step {
    End,
    Push(u8),
    Add,
    Mul,
}

struct Machine;

impl Format for Machine {
    type Artifact = Vec<(Step, u64)>; // each with its place in the code
    const ID: Text = text!("<<name>>");
    const SUMMARY: Text = text!("sums and products of bytes");
    const RULES: &'static [Text] = rules!("<<name>>/1");
    const NATIVE_STACK: u64 = 2048; // execute() keeps 16 words
    const GAS_PER_DEPLOYED_BYTE: u64 = 200; // as Ethereum has it

    fn probe(code: &[u8]) -> Probe {
        if code.starts_with(&MAGIC) {
            Probe::Yes
        } else {
            Probe::No
        }
    }

    /// Everything that execute() need not check again: known instructions, whole immediates, stack heights, an end.
    fn compile(code: &[u8]) -> std::result::Result<Self::Artifact, Failure> {
        let refuse = |at: usize| Failure::new(Stop::INVALID_CODE, format!("no valid instruction at byte {}", at));
        if Self::probe(code) != Probe::Yes {
            return Err(refuse(0));
        }
        let (mut steps, mut height, mut at) = (Vec::new(), 0, MAGIC.len());
        loop {
            let begin = at;
            let opcode = *code.get(at).ok_or_else(|| refuse(at))?;
            at += 1;
            let step = match opcode {
                0 if height >= 1 => Step::End,
                1 if height < STACK => {
                    let value = *code.get(at).ok_or_else(|| refuse(begin))?;
                    at += 1;
                    height += 1;
                    Step::Push(value)
                }
                2 | 3 if height >= 2 => {
                    height -= 1;
                    if opcode == 2 {
                        Step::Add
                    } else {
                        Step::Mul
                    }
                }
                _ => return Err(refuse(begin)),
            };
            let last = matches!(step, Step::End);
            steps.push((step, begin as u64));
            if last {
                return Ok(steps);
            }
        }
    }

    /// Runs one frame to its end. One gas an instruction, paid before it.
    fn execute(steps: &Self::Artifact, frame: &mut Frame, position: &mut u64) -> Result<Outcome> {
        let mut stack = [0u64; STACK];
        let mut height = 0;
        for (step, at) in steps {
            *position = *at;
            frame.charge(1)?;
            match step {
                Step::Push(value) => {
                    stack[height] = u64::from(*value);
                    height += 1;
                }
                Step::Add => {
                    height -= 1;
                    stack[height - 1] = stack[height - 1].wrapping_add(stack[height]);
                }
                Step::Mul => {
                    height -= 1;
                    stack[height - 1] = stack[height - 1].wrapping_mul(stack[height]);
                }
                Step::End => break,
            }
        }
        let mut word = [0; 32];
        word[24..].copy_from_slice(&stack[height - 1].to_be_bytes());
        Ok(Some(word))
    }

    fn disassemble(code: &[u8], at: usize) -> Option<(String, usize)> {
        if at == 0 && code.len() >= MAGIC.len() {
            return Some(("<<name>>".to_string(), MAGIC.len()));
        }
        let opcode = usize::from(*code.get(at)?);
        Some(match (opcode, code.get(at + 1)) {
            (1, Some(value)) => (format!("push {}", value), 2),
            _ => (NAMES.get(opcode).unwrap_or(&"invalid").to_string(), 1),
        })
    }
}

<<tail>>
