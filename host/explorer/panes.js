// What stands around the list: calls, code, and the machine before the chosen step.

class CallTree {
  constructor(view) {
    this.view = view;
    this.box = document.getElementById('tree');
    this.folded = new Set();
    this.box.addEventListener('click', (event) => {
      const line = event.target.closest('.frame');
      if (line === null) return;
      const index = Number(line.dataset.frame);
      if (!event.target.classList.contains('fold')) return view.choose(view.trace.frames[index].begin);
      if (!this.folded.delete(index)) this.folded.add(index);
      this.draw();
    });
  }
  reset() {
    this.folded.clear();
    this.draw();
  }
  // A long tree is shown around the chosen frame.
  draw() {
    const trace = this.view.trace, lines = [], most = 2000;
    const chosen = trace.count === 0 ? -1 : trace.frame[this.view.row];
    const from = Math.max(0, chosen - most / 2);
    let hidden = -1; // depth below which everything is folded away
    for (const frame of trace.frames) {
      if (hidden >= 0 && frame.depth > hidden) continue;
      hidden = this.folded.has(frame.index) ? frame.depth : -1;
      if (frame.index < from && frame.depth > 0) continue;
      if (lines.length >= most) break;
      const failed = frame.answer === null || frame.answer.status !== 0;
      const fold = frame.children.length === 0 ? '' : this.folded.has(frame.index) ? '▸' : '▾';
      lines.push('<span class="frame' + (frame.index === chosen ? ' chosen' : '') + '" data-frame="' + frame.index + '" role="treeitem" style="padding-left:' + (8 + 14 * Math.min(frame.depth, 24)) + 'px" title="' +
        escaped(trace.eventText(frame.begin)) + '"><span class="fold">' + fold + '</span>' + (frame.kind === 0 ? '' : KINDS[frame.kind] + ' ') + '<b>' + frame.codeAddress.slice(0, 8) + '…' + frame.codeAddress.slice(-4) +
        '</b> ' + escaped(frame.format || 'no code') + ' <span class="' + (failed ? 'bad' : 'index') + '">' + (failed ? (frame.answer === null ? 'no end' : statusName(frame.answer.status)) + ' ' : '') + frame.used + '</span></span>');
    }
    this.box.innerHTML = lines.join('');
    const line = this.box.querySelector('.chosen');
    if (line !== null) line.scrollIntoView({ block: 'nearest' });
  }
}

class CodePane {
  constructor(view) {
    this.view = view;
    this.box = document.getElementById('code');
    this.shown = -2;
    this.box.addEventListener('click', (event) => {
      const line = event.target.closest('.line');
      if (line !== null) view.nextAt(Number(line.dataset.pc));
    });
  }
  draw() {
    const trace = this.view.trace, row = this.view.row, listing = this.view.listings[trace.frame[row]];
    const code = listing === undefined || listing < 0 ? null : this.view.about.codes[listing];
    const pc = trace.kind[row] === ROW.op || trace.kind[row] === ROW.fault ? trace.pc[row] : trace.frames[trace.frame[row]].lastPc;
    document.getElementById('code-name').textContent = code === null ? '' : code.format + ', ' + code.size + ' bytes';
    if (code === null) {
      this.box.textContent = '';
      this.shown = -2;
      return;
    }
    let low = 0, high = code.lines.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (code.lines[middle][0] <= pc) low = middle;
      else high = middle - 1;
    }
    const most = 400, from = Math.max(0, Math.min(low - most / 2, code.lines.length - most));
    this.box.innerHTML = code.lines.slice(from, from + most).map(([at, text, source], i) =>
      '<div class="line' + (from + i === low ? ' chosen' : '') + '" data-pc="' + at + '"><span class="at">' + at + '</span><span>' + escaped(text) + '</span>' +
      (source === undefined ? '' : '<span class="from">' + escaped(source) + '</span>') + '</div>').join('');
    const line = this.box.querySelector('.chosen');
    if (line !== null) this.box.scrollTop = line.offsetTop - this.box.offsetTop - this.box.clientHeight / 3;
  }
}

class Details {
  constructor(view) { this.view = view; }
  put(name, html, size) {
    document.getElementById(name).innerHTML = html;
    if (size !== undefined) document.getElementById(name + '-size').textContent = size;
  }
  draw() {
    const trace = this.view.trace, row = this.view.row, frame = trace.frames[trace.frame[row]], kind = trace.kind[row];
    const is_op = kind === ROW.op || kind === ROW.fault;
    document.getElementById('where').textContent = kind === ROW.op ? trace.step[row] + ' of ' + trace.steps : 'after ' + (trace.step[row] === 0 ? 'none' : trace.step[row] - 1);
    const facts = [];
    if (is_op) {
      const instruction = trace.instructions[trace.instruction[row]];
      facts.push(['instruction', instruction.name + ' (0x' + instruction.opcode.toString(16) + ') at ' + trace.pc[row]], ['gas', trace.gas[row] + ', takes ' + trace.cost[row]]);
    } else {
      facts.push(['event', trace.eventText(row)]);
    }
    facts.push(['account', frame.recipient + (frame.codeAddress !== frame.recipient ? ' code ' + frame.codeAddress : '')], ['frame', frame.id + ', depth ' + frame.depth + ', ' + (frame.format || 'no code')], ['spent', trace.spent[row] + ' of ' + trace.total]);
    this.put('facts', facts.map(([name, text]) => '<dt>' + name + '</dt><dd>' + escaped(text) + '</dd>').join(''));
    this.stack(row, is_op);
    this.memory(row);
    const changes = trace.storage(row);
    this.put('storage', changes.map((change) => '<div class="slot' + (trace.step[change.row] === trace.step[row] ? ' new' : '') + '">' + STATES[change.kind] + ' ' + change.key + ' <span class="index">of ' + change.address + '</span><br>' + change.before + ' → <b>' + change.after + '</b></div>').join(''), changes.length === 0 ? 'none' : changes.length);
    const returned = trace.returnedAt(row);
    this.put('returned', escaped(trace.blobText(returned, 4096)), returned.size + ' bytes');
  }
  stack(row, is_op) {
    if (!is_op) return this.put('stack', '', '');
    const trace = this.view.trace, words = trace.stack(row, 1024), height = trace.height[row];
    const before = this.view.before(row), old = before < 0 ? new Set() : new Set(this.nodes(before));
    const nodes = this.nodes(row);
    this.put('stack', words.reverse().map((word, i) => '<div' + (old.has(nodes[i]) ? '' : ' class="new"') + '><span class="index">' + String(height - 1 - i).padStart(4) + '  </span>' + word + '</div>').join(''), height + (height === 1 ? ' word' : ' words'));
  }
  nodes(row) {
    const trace = this.view.trace, nodes = [];
    for (let word = trace.top[row]; word !== 0 && nodes.length < 1024; word = trace.below[word]) nodes.push(word);
    return nodes;
  }
  memory(row) {
    const { size, memory, changed } = this.view.trace.memory(row), lines = [], most = 256;
    const isNew = (at) => changed.some(([offset, length]) => at >= offset && at < offset + length);
    let skipped = 0;
    for (let at = 0; at < memory.length && lines.length < most; at += 16) {
      const end = Math.min(at + 16, memory.length);
      let any = changed.some(([offset, length]) => offset < end && offset + length > at);
      for (let i = at; i < end && !any; ++i) any = memory[i] !== 0;
      if (!any) { ++skipped; continue; }
      if (skipped > 0) lines.push('<span class="zero">        ' + skipped * 16 + ' zero bytes</span>');
      skipped = 0;
      let hex = '', text = '';
      for (let i = at; i < end; ++i) {
        const byte = HEX[memory[i]];
        hex += (i > at && i % 4 === 0 ? ' ' : '') + (isNew(i) ? '<span class="new">' + byte + '</span>' : memory[i] === 0 ? '<span class="zero">' + byte + '</span>' : byte);
        text += memory[i] >= 32 && memory[i] < 127 ? escaped(String.fromCharCode(memory[i])) : '·';
      }
      lines.push('<span class="index">' + at.toString(16).padStart(6, '0') + '  </span>' + hex + '  <span class="index">' + text + '</span>');
    }
    if (skipped > 0 && lines.length < most) lines.push('<span class="zero">        ' + skipped * 16 + ' zero bytes</span>');
    this.put('memory', lines.join('\n'), size + ' bytes');
  }
}
