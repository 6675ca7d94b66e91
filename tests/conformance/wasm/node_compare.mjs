// Generated modules in Node's engine (V8) and in rvm: the result of `run`, or the kind of its trap, must be equal.
//
//   node node_compare.mjs RVM GENERATE FIRST COUNT
//
// RVM: bin/rvm. GENERATE: bin/rvm_wasm_generate. Run by hand: Node is no dependency of the project (Debian: nodejs).
// Proposals that this Node does not know are left out of the modules, and named. Exit status 1: a difference, with the
// module's seed; the file stays in the folder that is named.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import v8 from "node:v8";

const [program, generate, first, count] = process.argv.slice(2);
if (count === undefined) {
  console.error("usage: node node_compare.mjs RVM GENERATE FIRST COUNT");
  process.exit(2);
}

// Proposals behind a flag of this V8; others it has switched on, or does not know: validate() tells.
const known_flags = execFileSync(process.execPath, ["--v8-options"], { encoding: "utf8" });
for (const name of ["return-call", "extended-const", "typed-funcref", "memory64", "multi-memory", "exnref"]) {
  const flag = `--experimental-wasm-${name}`;
  if (known_flags.includes(`${flag} `)) v8.setFlagsFromString(flag);
}

const header = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
const one_type = [1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0];
/// The smallest module that needs each.
const needs = {
  tail_call: [...one_type, 10, 6, 1, 4, 0, 0x12, 0, 0x0b],
  extended_const: [6, 9, 1, 0x7f, 0, 0x41, 1, 0x41, 1, 0x6a, 0x0b],
  function_references: [...one_type, 7, 5, 1, 1, 0x66, 0, 0, 10, 11, 1, 9, 1, 1, 0x63, 0, 0xd2, 0, 0x14, 0, 0x0b],
  memory64: [5, 3, 1, 4, 1],
  multi_memory: [5, 5, 2, 0, 1, 0, 1],
  exceptions: [...one_type, 10, 8, 1, 6, 0, 0x1f, 0x40, 0, 0x0b, 0x0b],
};
const without = Object.keys(needs).filter((name) => !WebAssembly.validate(Uint8Array.from([...header, ...needs[name]])));
console.log(`Node ${process.version}, V8 ${process.versions.v8}; without: ${without.join(", ") || "nothing"}`);

/// V8's messages by what rvm calls the trap.
const traps = [
  ["unreachable executed", /unreachable/],
  ["access outside memory", /memory access out of bounds|data segment.*out of bounds/],
  ["access outside a table", /table index is out of bounds|table access out of bounds|element segment.*out of bounds|table index out of bounds/],
  ["division by zero", /divide by zero|remainder by zero/],
  ["integer overflow", /divide result unrepresentable|float unrepresentable/],
  ["not a number converted to an integer", /float unrepresentable/],
  ["call of a null reference", /dereferencing a null pointer|null function or function signature mismatch/],
  ["indirect call of another signature", /null function or function signature mismatch/],
  ["operand stack is full", /call stack/],
  ["too many nested calls", /call stack/],
  ["the environment ended the run", /wasm exception|exception/],
];

function in_node(bytes) {
  try {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
    return { value: BigInt.asIntN(64, exports.run()).toString() };
  } catch (error) {
    return { trap: `${error.name}: ${error.message}` };
  }
}

function in_rvm(path) {
  const done = spawnSync(program, ["wasm", "run", path, "--invoke", "run", "--json"], { encoding: "utf8" });
  let answer;
  try {
    answer = JSON.parse(done.stdout);
  } catch {
    return { failure: done.stderr };
  }
  return answer.status === "ok" ? { value: answer.results[0].value } : { trap: answer.trap };
}

function agree(node, rvm) {
  if (node.value !== undefined || rvm.value !== undefined) return node.value === rvm.value;
  return traps.some(([name, message]) => name === rvm.trap && message.test(node.trap));
}

const folder = mkdtempSync(join(tmpdir(), "rvm-node-"));
const counts = new Map();
const batch = 100;
const last = Number(first) + Number(count);
for (let from = Number(first); from < last; from += batch) {
  const size = Math.min(batch, last - from);
  execFileSync(generate, [folder, String(from), String(size), "--portable", ...without.map((name) => `--without=${name}`)]);
  for (let seed = from; seed < from + size; ++seed) {
    const path = join(folder, `${seed}.wasm`);
    const node = in_node(readFileSync(path));
    const rvm = in_rvm(path);
    if (rvm.failure !== undefined || !agree(node, rvm)) {
      console.error(`seed ${seed}: Node ${JSON.stringify(node)}, rvm ${JSON.stringify(rvm)}; ${path}`);
      process.exit(1);
    }
    const end = rvm.trap ?? "returned";
    counts.set(end, (counts.get(end) ?? 0) + 1);
    rmSync(path);
  }
}
rmSync(folder, { recursive: true });
console.log(`${count} modules, no difference: ${[...counts].map(([end, times]) => `${end} ${times}`).join("; ")}`);
