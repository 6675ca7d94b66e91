// Reads the events of one execution into typed arrays. Their bytes are described in host/record/README.md.

const ROW = { op: 0, enter: 1, leave: 2, fault: 3, state: 4, log: 5, external: 6, blockHash: 7, stepsEnd: 8 };
const KINDS = ['call', 'callcode', 'delegatecall', 'staticcall', 'create'];
const STATES = ['', 'balance', 'nonce', 'code', 'slot', 'transient', 'destroyed'];
const STATUSES = ['ok', 'reverted', 'out of gas', 'stack', 'memory', 'static', 'depth', 'invalid code', 'illegal', 'balance', 'crypto', 'nonce', 'collision', 'arithmetic', 'limit'];

const HEX = Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, '0'));
function hexOf(bytes, from, to) {
  let text = '0x';
  for (let i = from; i < to; ++i) text += HEX[bytes[i]];
  return text;
}
function statusName(status) { return status < 0 ? 'host failure ' + status : STATUSES[status] || 'status ' + status; }

function bytesOfBase64(text) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text);
  const packed = atob(text), bytes = new Uint8Array(packed.length);
  for (let i = 0; i < bytes.length; ++i) bytes[i] = packed.charCodeAt(i);
  return bytes;
}

// One row an event. Stacks are a tree of words that rows share: a row knows its topmost word, a word the one below it.
class Trace {
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
    this.count = 0;      // rows
    this.steps = 0;      // rows that are instructions
    this.words = 1;      // word 0 is the bottom of every stack
    this.instructions = [];
    this.frames = [];
    this.extra = new Map(); // what a row has that is no instruction
    this.states = [];    // rows
    this.capacity = 1024;
    this.kind = new Uint8Array(this.capacity);
    this.instruction = new Uint32Array(this.capacity);
    this.frame = new Uint32Array(this.capacity);
    this.pc = new Float64Array(this.capacity);
    this.gas = new BigInt64Array(this.capacity);
    this.cost = new BigInt64Array(this.capacity);
    this.spent = new Float64Array(this.capacity); // gas of the whole execution before this row
    this.top = new Uint32Array(this.capacity);
    this.height = new Uint32Array(this.capacity);
    this.step = new Uint32Array(this.capacity);   // instructions before this row
    this.below = new Uint32Array(1024);  // of words
    this.wordAt = new Uint32Array(1024); // where its bytes are
    this.stepRows = new Uint32Array(1024);
    this.read();
    this.seal();
  }

  grow() {
    this.capacity *= 2;
    for (const name of ['kind', 'instruction', 'frame', 'pc', 'gas', 'cost', 'spent', 'top', 'height', 'step']) {
      const next = new this[name].constructor(this.capacity);
      next.set(this[name]);
      this[name] = next;
    }
  }
  static wider(array) {
    const next = new array.constructor(array.length * 2);
    next.set(array);
    return next;
  }

  number() {
    let value = 0, scale = 1, byte;
    do {
      byte = this.bytes[this.at++];
      value += (byte & 0x7f) * scale;
      scale *= 128;
    } while (byte >= 0x80);
    return value;
  }
  big() { // signed
    let value = 0n, shift = 0n, byte;
    const begin = this.at;
    while (this.bytes[this.at] >= 0x80) ++this.at;
    if (++this.at - begin <= 6) {
      this.at = begin;
      const small = this.number();
      return BigInt(small % 2 === 0 ? small / 2 : -(small + 1) / 2);
    }
    for (let i = begin; i < this.at; ++i, shift += 7n) value |= BigInt(this.bytes[i] & 0x7f) << shift;
    return (value & 1n) === 0n ? value >> 1n : -(value + 1n) / 2n;
  }
  text() {
    const size = this.number(), from = this.at;
    this.at += size;
    return new TextDecoder().decode(this.bytes.subarray(from, this.at));
  }
  blob() {
    const size = this.number(), from = this.at;
    this.at += size;
    return { from, size };
  }
  address() {
    this.at += 20;
    return hexOf(this.bytes, this.at - 20, this.at);
  }
  hash() {
    this.at += 32;
    return hexOf(this.bytes, this.at - 32, this.at);
  }
  word() { // where it is
    const at = this.at;
    this.at += 1 + this.bytes[at];
    return at;
  }
  wordText(at) {
    const size = this.bytes[at];
    if (size === 0) return '0x0';
    const text = hexOf(this.bytes, at + 1, at + 1 + size);
    return text[2] === '0' ? '0x' + text.slice(3) : text;
  }

  row(kind, frame) {
    if (this.count === this.capacity) this.grow();
    const row = this.count++;
    this.kind[row] = kind;
    this.frame[row] = frame;
    this.step[row] = this.steps;
    return row;
  }

  read() {
    const open = [];
    let current = null, nextFrame = 1;
    const bytes = this.bytes;
    while (this.at < bytes.length) {
      const tag = bytes[this.at++];
      if (tag < 0x80) {
        this.readInstruction(tag, this.row(ROW.op, current.index), current);
        if (this.steps === this.stepRows.length) this.stepRows = Trace.wider(this.stepRows);
        this.stepRows[this.steps++] = this.count - 1;
        continue;
      }
      const here = current === null ? 0 : current.index;
      switch (tag) {
      case 0x80: {
        const id = nextFrame + Number(this.big());
        nextFrame = id + 1;
        const format = bytes[this.at++] === 1 ? this.text() : null;
        const frame = this.readMessage({ index: this.frames.length, id, format, parent: current, children: [], depth: open.length });
        frame.given = frame.gas + frame.stipend;
        frame.base = current === null ? 0 : current.started ? current.spent : current.base;
        Object.assign(frame, { started: false, last: -1, lastPc: 0, lastGas: 0n, lastCost: 0n, spent: frame.base, top: 0, height: 0,
          refund: 0n, memory: 0, patches: [], sizes: [], returned: { from: 0, size: 0 }, returns: [], answer: null, end: -1 });
        if (current !== null) current.children.push(frame);
        this.frames.push(frame);
        open.push(frame);
        current = frame;
        frame.begin = this.row(ROW.enter, frame.index);
        this.spent[frame.begin] = frame.base;
        break;
      }
      case 0x81: {
        for (let lost = this.number(); lost > 0; --lost) open.pop();
        const frame = open.pop();
        frame.answer = this.readAnswer();
        frame.end = this.row(ROW.leave, frame.index);
        const used = Number(frame.given - frame.answer.gasLeft);
        frame.used = used;
        this.spent[frame.end] = frame.base + used;
        current = open.length === 0 ? null : open[open.length - 1];
        if (current !== null) {
          current.returned = frame.kind === 4 && frame.answer.status === 0 ? { from: 0, size: 0 } : frame.answer.output;
          current.returns.push([this.count, current.returned]);
        }
        break;
      }
      case 0x82: {
        const status = Number(this.big());
        const row = this.row(ROW.fault, here);
        this.readInstruction(bytes[this.at++], row, current);
        this.extra.set(row, status);
        break;
      }
      case 0x83: {
        const event = { kind: bytes[this.at++], address: this.address(), key: -1, revertedAt: Infinity };
        if (event.kind === 4 || event.kind === 5) event.key = this.word();
        event.before = this.word();
        event.after = this.word();
        event.row = this.row(ROW.state, here);
        this.extra.set(event.row, event);
        this.states.push(event);
        break;
      }
      case 0x84: {
        const event = { address: this.address(), topics: [] };
        for (let topics = bytes[this.at++]; topics > 0; --topics) event.topics.push(this.hash());
        event.data = this.blob();
        this.extra.set(this.row(ROW.log, here), event);
        break;
      }
      case 0x85: {
        const event = { id: this.text(), input: this.blob(), status: Number(this.big()), gas: this.big(), output: this.blob() };
        for (let patches = this.number(); patches > 0; --patches) { this.number(); this.blob(); }
        this.extra.set(this.row(ROW.external, here), event);
        break;
      }
      case 0x86: {
        const event = { number: this.number(), hash: null };
        if (bytes[this.at++] === 1) event.hash = this.hash();
        this.extra.set(this.row(ROW.blockHash, here), event);
        break;
      }
      case 0x87:
        this.row(ROW.stepsEnd, here);
        break;
      default:
        throw new Error('byte ' + (this.at - 1) + ' of the events: expected an event, found ' + tag);
      }
      const row = this.count - 1;
      if (tag !== 0x80 && tag !== 0x81 && tag !== 0x82) this.spent[row] = row === 0 ? 0 : this.spent[row - 1];
    }
  }

  readMessage(frame) {
    const parts = this.bytes[this.at++];
    frame.kind = this.bytes[this.at++];
    frame.flags = this.number();
    frame.gas = this.big();
    frame.stipend = parts & 32 ? this.big() : 0n;
    frame.sender = this.address();
    frame.recipient = this.address();
    frame.codeAddress = parts & 64 ? this.address() : frame.recipient;
    frame.value = parts & 1 ? this.word() : -1;
    frame.input = parts & 2 ? this.blob() : { from: 0, size: 0 };
    frame.initCode = parts & 4 ? this.blob() : { from: 0, size: 0 };
    if (parts & 8) frame.asked = this.text();
    if (parts & 16) frame.salt = this.hash();
    return frame;
  }
  readAnswer() {
    const answer = { status: Number(this.big()), gasLeft: this.big(), refund: this.big(), output: this.blob(), created: null };
    if (this.bytes[this.at++] === 1) answer.created = this.address();
    answer.detail = this.number();
    answer.position = this.number();
    return answer;
  }

  readInstruction(bits, row, frame) {
    const index = this.number();
    if (index === this.instructions.length) {
      const opcode = this.number(), word = this.bytes[this.at++];
      this.instructions.push({ opcode, word, format: this.text(), name: this.text(), step: 0, cost: 0n, dropped: 0, pushed: 0 });
    }
    const now = this.instructions[index], last = frame.started ? this.instructions[frame.last] : null;
    let pc = frame.lastPc + (last === null ? 0 : last.step);
    if (bits & 1) pc += Number(this.big());
    let gas = frame.started ? frame.lastGas - frame.lastCost : frame.given;
    if (bits & 2) gas += this.big();
    if (bits & 4) now.cost = this.big();
    let dropped = last === null ? 0 : last.dropped, pushed = last === null ? 0 : last.pushed;
    if (bits & 8) {
      dropped = this.number();
      pushed = this.number();
    }
    let top = frame.top;
    for (let i = 0; i < dropped; ++i) top = this.below[top];
    for (let i = 0; i < pushed; ++i) {
      if (this.words === this.below.length) {
        this.below = Trace.wider(this.below);
        this.wordAt = Trace.wider(this.wordAt);
      }
      this.below[this.words] = top;
      top = this.words++;
      this.wordAt[top] = this.word();
    }
    if (last !== null) {
      last.step = pc - frame.lastPc;
      last.dropped = dropped;
      last.pushed = pushed;
    }
    if (bits & 16) {
      frame.memory = this.number();
      frame.sizes.push([row, frame.memory]);
      let offset = 0;
      for (let patches = this.number(); patches > 0; --patches) {
        offset += this.number();
        const piece = this.blob();
        frame.patches.push([row, offset, piece.from, piece.size]);
        offset += piece.size;
      }
    }
    if (bits & 32) frame.refund += this.big();
    if (bits & 64) {
      frame.returned = this.blob();
      frame.returns.push([row, frame.returned]);
    }
    frame.height += pushed - dropped;
    frame.top = top;
    frame.started = true;
    frame.last = index;
    frame.lastPc = pc;
    frame.lastGas = gas;
    frame.lastCost = now.cost;
    frame.spent = frame.base + Number(frame.given - gas);
    this.instruction[row] = index;
    this.pc[row] = pc;
    this.gas[row] = gas;
    this.cost[row] = now.cost;
    this.top[row] = top;
    this.height[row] = frame.height;
    this.spent[row] = frame.spent;
  }

  // What is known only at the end: frames without one, and which changes were undone when.
  seal() {
    for (const frame of this.frames) {
      if (frame.end >= 0) continue;
      frame.end = this.count - 1;
      frame.used = frame.spent - frame.base;
    }
    const failed = this.frames.filter((frame) => frame.answer === null || frame.answer.status !== 0);
    for (const event of this.states)
      for (const frame of failed)
        if (event.row > frame.begin && event.row <= frame.end) event.revertedAt = Math.min(event.revertedAt, frame.end);
    this.total = this.frames.length === 0 ? 0 : this.frames.reduce((most, f) => f.parent === null ? Math.max(most, f.base + f.used) : most, 1);
  }

  // The stack before a row, bottom first; at most `most` of the topmost words.
  stack(row, most = Infinity) {
    const words = [];
    for (let word = this.top[row]; word !== 0 && words.length < most; word = this.below[word]) words.push(this.wordText(this.wordAt[word]));
    return words.reverse();
  }
  memory(row) {
    const frame = this.frames[this.frame[row]];
    let size = 0;
    for (const [at, bytes] of frame.sizes) {
      if (at > row) break;
      size = bytes;
    }
    const memory = new Uint8Array(Math.min(size, 1 << 28));
    const changed = [];
    for (const [at, offset, from, length] of frame.patches) {
      if (at > row) break;
      memory.set(this.bytes.subarray(from, from + Math.max(0, Math.min(length, memory.length - offset))), offset);
      if (at === row) changed.push([offset, length]);
    }
    return { size, memory, changed };
  }
  returnedAt(row) {
    let found = { from: 0, size: 0 };
    for (const [at, data] of this.frames[this.frame[row]].returns) {
      if (at > row) break;
      found = data;
    }
    return found;
  }
  // Changes of the storage that stand before a row: [address, kind, key, before, after], in the order of their beginning.
  storage(row) {
    const slots = new Map();
    for (const event of this.states) {
      if (event.row > row) break;
      if (event.revertedAt <= row) continue;
      const key = event.key < 0 ? '' : this.wordText(event.key), name = event.address + event.kind + key;
      const known = slots.get(name);
      if (known === undefined) slots.set(name, { address: event.address, kind: event.kind, key, before: this.wordText(event.before), after: this.wordText(event.after), row: event.row });
      else { known.after = this.wordText(event.after); known.row = event.row; }
    }
    return [...slots.values()];
  }
  blobText(blob, most = 36) {
    const text = hexOf(this.bytes, blob.from, blob.from + Math.min(blob.size, most));
    return blob.size > most ? text + '… (' + blob.size + ' bytes)' : text;
  }
  // A row that is no instruction, in words.
  eventText(row) {
    const frame = this.frames[this.frame[row]], event = this.extra.get(row);
    switch (this.kind[row]) {
    case ROW.enter:
      return KINDS[frame.kind] + ' ' + frame.recipient + (frame.codeAddress !== frame.recipient ? ' code ' + frame.codeAddress : '') +
        ' [' + (frame.format || 'no code') + '] gas ' + frame.given + (frame.value >= 0 ? ' value ' + BigInt(this.wordText(frame.value)) : '') +
        (frame.input.size > 0 ? ' input ' + this.blobText(frame.input) : '');
    case ROW.leave:
      return statusName(frame.answer.status) + ', gas used ' + frame.used + (frame.answer.output.size > 0 ? ', output ' + this.blobText(frame.answer.output) : '');
    case ROW.fault:
      return this.instructions[this.instruction[row]].name + ' fails: ' + statusName(event);
    case ROW.state:
      return STATES[event.kind] + ' of ' + event.address + (event.key >= 0 ? ' ' + this.wordText(event.key) : '') + ': ' + this.wordText(event.before) + ' → ' + this.wordText(event.after);
    case ROW.log:
      return 'log of ' + event.address + event.topics.map((topic) => ' ' + topic).join('') + ' data ' + this.blobText(event.data);
    case ROW.external:
      return event.id + ' of ' + this.blobText(event.input) + ' answers ' + (event.status === 0 ? this.blobText(event.output) : statusName(event.status));
    case ROW.blockHash:
      return 'hash of block ' + event.number + ': ' + (event.hash || 'unknown');
    default:
      return 'no more instructions were recorded';
    }
  }
}
