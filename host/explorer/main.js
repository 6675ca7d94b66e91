// The page: which execution and which row is chosen, keys, search.

class Search {
  constructor(view) {
    this.view = view;
    this.box = document.getElementById('search');
    this.test = null;
    this.box.addEventListener('input', () => this.set(this.box.value));
    this.box.addEventListener('keydown', (event) => {
      if (event.key === 'Enter') { event.preventDefault(); this.go(event.shiftKey ? -1 : 1); }
    });
  }
  // "step:7", "pc:12", "0x2a": a word that a step leaves on the stack, or part of an address; else part of a name.
  set(text) {
    const trace = this.view.trace, wanted = text.trim().toLowerCase();
    const number = /^(step|pc):(\d+|0x[0-9a-f]+)$/.exec(wanted);
    if (wanted === '') {
      this.test = null;
    } else if (number !== null) {
      const value = Number(number[2]);
      this.test = number[1] === 'pc' ? (row) => trace.kind[row] === ROW.op && trace.pc[row] === value : (row) => trace.kind[row] === ROW.op && trace.step[row] === value;
    } else {
      const names = trace.instructions.map((instruction) => instruction.name.toLowerCase().includes(wanted));
      const word = /^0x[0-9a-f]+$/.test(wanted) ? '0x' + (wanted.slice(2).replace(/^0+/, '') || '0') : null;
      this.test = (row) => trace.kind[row] !== ROW.op ? trace.eventText(row).toLowerCase().includes(wanted)
        : names[trace.instruction[row]] || (word !== null && trace.top[row] !== 0 && trace.wordText(trace.wordAt[trace.top[row]]) === word);
    }
    this.count();
    this.view.list.draw();
  }
  matches(row) { return this.test !== null && this.test(row); }
  count() {
    let count = 0;
    if (this.test !== null) for (let row = 0; row < this.view.trace.count; ++row) if (this.test(row)) ++count;
    this.found = count;
    document.getElementById('found').textContent = this.test === null ? '' : count + (count === 1 ? ' match' : ' matches');
  }
  go(step) {
    if (this.test === null) return;
    const count = this.view.trace.count;
    for (let i = 1, row = this.view.row; i <= count; ++i) {
      row = (row + step + count) % count;
      if (this.test(row)) return this.view.choose(row);
    }
  }
}

class View {
  constructor(about) {
    this.about = about;
    this.trace = null;
    this.row = 0;
    this.search = new Search(this);
    this.list = new StepList(this);
    this.flame = new Flame(this);
    this.tree = new CallTree(this);
    this.code = new CodePane(this);
    this.details = new Details(this);
    document.getElementById('command').textContent = ['rvm', ...about.command].join(' ');
    document.title = 'rvm trace: ' + about.command.join(' ');
    const select = document.getElementById('execution');
    about.executions.forEach((execution, i) => select.add(new Option('execution ' + i + ' of ' + about.executions.length + ': ' + execution.status, i)));
    select.hidden = about.executions.length < 2;
    select.addEventListener('change', () => this.load(Number(select.value)));
    document.getElementById('help-button').addEventListener('click', () => document.getElementById('help').showModal());
    document.addEventListener('keydown', (event) => this.key(event));
    this.load(0);
  }
  load(index) {
    const execution = this.about.executions[index];
    this.trace = new Trace(bytesOfBase64(document.getElementById('events-' + index).textContent));
    this.listings = execution.listings;
    this.row = 0;
    const outcome = document.getElementById('outcome');
    outcome.textContent = execution.status + ', gas ' + (BigInt(execution.gas) - BigInt(execution.gas_left)) + ' of ' + execution.gas + ', ' + this.trace.steps + ' steps';
    outcome.className = execution.ok ? 'good' : 'bad';
    this.search.set('');
    this.search.box.value = '';
    this.list.reset();
    this.flame.reset();
    this.tree.reset();
    this.choose(this.trace.steps > 0 ? this.trace.stepRows[0] : 0);
    this.list.box.focus();
  }
  choose(row) {
    if (this.trace.count === 0) return;
    const frame = this.trace.frame[this.row];
    this.row = Math.max(0, Math.min(row, this.trace.count - 1));
    this.list.reveal(this.row);
    this.details.draw();
    this.code.draw();
    this.flame.draw();
    if (frame !== this.trace.frame[this.row] || this.tree.box.querySelector('.chosen') === null) this.tree.draw();
  }
  // The instruction before a row in its frame; -1: none.
  before(row) {
    for (let at = row - 1; at > this.trace.frames[this.trace.frame[row]].begin; --at)
      if (this.trace.frame[at] === this.trace.frame[row] && this.trace.kind[at] === ROW.op) return at;
      else if (this.trace.kind[at] === ROW.leave) at = this.trace.frames[this.trace.frame[at]].begin;
    return -1;
  }
  over() {
    const trace = this.trace, frame = trace.frame[this.row];
    for (let at = this.row + 1; at < trace.count; ++at) {
      if (trace.frame[at] === frame && (trace.kind[at] === ROW.op || trace.kind[at] === ROW.leave)) return at;
      if (trace.kind[at] === ROW.enter) at = trace.frames[trace.frame[at]].end;
    }
    return Math.min(this.row + 1, trace.count - 1);
  }
  nextAt(pc) {
    const trace = this.trace, frame = this.trace.frame[this.row];
    for (let i = 1, row = this.row; i <= trace.count; ++i) {
      row = (row + 1) % trace.count;
      if (trace.kind[row] === ROW.op && trace.pc[row] === pc && this.listings[trace.frame[row]] === this.listings[frame]) return this.choose(row);
    }
  }
  nextState() {
    const found = this.trace.states.find((event) => event.row > this.row) || this.trace.states[0];
    if (found !== undefined) this.choose(found.row);
  }
  ask() {
    const answer = prompt('Go to step (0 to ' + (this.trace.steps - 1) + ')');
    const step = Number(answer);
    if (answer !== null && answer.trim() !== '' && step >= 0 && step < this.trace.steps) this.choose(this.trace.stepRows[Math.floor(step)]);
  }
  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
    if (document.getElementById('help').open) return;
    if (event.key === 'Escape') {
      this.list.box.focus();
      return;
    }
    if (typing) return;
    const frame = this.trace.frames[this.trace.frame[this.row]];
    const keys = {
      ArrowDown: () => this.choose(this.row + 1), j: () => this.choose(this.row + 1),
      ArrowUp: () => this.choose(this.row - 1), k: () => this.choose(this.row - 1),
      ArrowRight: () => this.choose(this.over()), l: () => this.choose(this.over()),
      ArrowLeft: () => this.choose(this.before(this.row) < 0 ? frame.begin : this.before(this.row)), h: () => keys.ArrowLeft(),
      PageDown: () => this.choose(this.row + this.list.visible() - 1), PageUp: () => this.choose(this.row - this.list.visible() + 1),
      Home: () => this.choose(0), End: () => this.choose(this.trace.count - 1),
      u: () => this.choose(frame.parent === null ? frame.begin : frame.begin - 1), e: () => this.choose(frame.end),
      n: () => this.search.go(1), N: () => this.search.go(-1), s: () => this.nextState(), g: () => this.ask(), w: () => this.flame.whole(),
      '/': () => this.search.box.select(), '?': () => document.getElementById('help').showModal(),
    };
    const action = keys[event.key];
    if (action === undefined) return;
    event.preventDefault();
    action();
  }
}

const view = new View(JSON.parse(document.getElementById('about').textContent));
