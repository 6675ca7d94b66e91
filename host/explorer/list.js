// The list of steps: only the rows that can be seen exist.

const ROW_HEIGHT = 20;
const MOST_PIXELS = 10000000; // browsers cut longer elements

class StepList {
  constructor(view) {
    this.view = view;
    this.box = document.getElementById('list');
    this.rows = document.getElementById('rows');
    this.spacer = document.getElementById('spacer');
    this.first = 0; // the topmost row that is shown
    this.box.addEventListener('scroll', () => { if (!this.moving) this.first = this.rowOfScroll(); this.moving = false; this.draw(); });
    this.box.addEventListener('wheel', (event) => {
      if (this.scale() === 1) return; // one notch would be thousands of rows
      event.preventDefault();
      this.show(this.first + Math.sign(event.deltaY) * 3);
    }, { passive: false });
    this.rows.addEventListener('click', (event) => {
      const row = event.target.closest('.row');
      if (row !== null) view.choose(Number(row.dataset.row));
    });
    new ResizeObserver(() => this.draw()).observe(this.box);
  }
  visible() { return Math.max(1, Math.floor(this.box.clientHeight / ROW_HEIGHT)); }
  pixels() { return Math.min(this.view.trace.count * ROW_HEIGHT, MOST_PIXELS); }
  scale() { return this.view.trace.count * ROW_HEIGHT > MOST_PIXELS ? (this.view.trace.count - this.visible()) / (this.pixels() - this.box.clientHeight) * ROW_HEIGHT : 1; }
  rowOfScroll() {
    const most = Math.max(0, this.view.trace.count - this.visible());
    return Math.min(most, Math.round(this.box.scrollTop / ROW_HEIGHT * this.scale()));
  }
  show(row) {
    this.first = Math.max(0, Math.min(row, this.view.trace.count - this.visible()));
    const to = Math.round(this.first * ROW_HEIGHT / this.scale());
    if (Math.abs(this.box.scrollTop - to) >= 1) this.moving = true;
    this.box.scrollTop = to;
    this.draw();
  }
  reveal(row) {
    const seen = this.visible();
    if (row < this.first + 1 || row > this.first + seen - 2) this.show(row - Math.floor(seen / 3));
    else this.draw();
  }
  reset() {
    this.spacer.style.height = this.pixels() + 'px';
    this.show(0);
  }
  draw() {
    const trace = this.view.trace, end = Math.min(trace.count, this.first + this.visible() + 2);
    this.rows.style.transform = 'translateY(' + this.box.scrollTop + 'px)';
    const parts = [];
    for (let row = this.first; row < end; ++row) parts.push(this.html(row));
    this.rows.innerHTML = parts.join('');
  }
  html(row) {
    const trace = this.view.trace, kind = trace.kind[row], depth = trace.frames[trace.frame[row]].depth;
    const classes = 'row of-' + Object.keys(ROW)[kind] + (row === this.view.row ? ' chosen' : '') + (this.view.search.matches(row) ? ' match' : '');
    const indent = '<span class="index">' + '│'.repeat(Math.min(depth, 8)) + '</span>';
    const head = '<div class="' + classes + '" data-row="' + row + '" role="option"><span class="n">' + (kind === ROW.op ? trace.step[row] : '') + '</span>';
    if (kind !== ROW.op) return head + '<span class="event">' + indent + escaped(trace.eventText(row)) + '</span></div>';
    const instruction = trace.instructions[trace.instruction[row]];
    return head + '<span class="pc">' + trace.pc[row] + '</span><span class="op">' + indent + escaped(instruction.name) + '</span><span class="gas">' +
      trace.gas[row] + '</span><span class="cost">' + trace.cost[row] + '</span><span class="top">' + trace.stack(row, 3).reverse().join('  ') + '</span></div>';
  }
}

function escaped(text) {
  return String(text).replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]);
}
