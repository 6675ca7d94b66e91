// The chart of gas: frames as boxes, as wide as the gas they spent, callees above one another; instructions as a coloured
// strip below the frame they belong to.

const FLAME_ROW = 18, FLAME_ROWS = 9;

class Flame {
  constructor(view) {
    this.view = view;
    this.canvas = document.getElementById('flame');
    this.tip = document.getElementById('flame-tip');
    this.from = 0;
    this.to = 1;
    this.canvas.addEventListener('click', (event) => this.click(event));
    this.canvas.addEventListener('dblclick', () => this.whole());
    this.canvas.addEventListener('mousemove', (event) => this.hover(event));
    this.canvas.addEventListener('mouseleave', () => { this.tip.style.display = 'none'; });
    new ResizeObserver(() => this.draw()).observe(this.canvas.parentElement);
  }
  reset() { this.rows = Math.min(FLAME_ROWS, 1 + this.view.trace.frames.reduce((most, f) => Math.max(most, f.depth + 1), 0)); this.whole(); }
  whole() {
    this.from = 0;
    this.to = this.view.trace.total || 1;
    this.draw();
  }
  colour(name) {
    let sum = 0;
    for (const c of name.replace(/\d+$/, '')) sum = (sum * 31 + c.charCodeAt(0)) % 360;
    return 'hsl(' + sum + ' 52% ' + (this.dark ? 48 : 68) + '%)';
  }
  draw() {
    const trace = this.view.trace;
    if (trace === null) return;
    this.dark = matchMedia('(prefers-color-scheme: dark)').matches;
    const ratio = devicePixelRatio || 1, width = this.canvas.parentElement.clientWidth - 24, height = this.rows * FLAME_ROW;
    this.canvas.width = width * ratio;
    this.canvas.height = height * ratio;
    this.canvas.style.height = height + 'px';
    this.width = width;
    const draw = this.canvas.getContext('2d');
    draw.scale(ratio, ratio);
    draw.clearRect(0, 0, width, height);
    draw.font = '11px ui-monospace, "DejaVu Sans Mono", monospace';
    draw.textBaseline = 'middle';
    const x = (gas) => (gas - this.from) / (this.to - this.from) * width;
    const style = getComputedStyle(document.body);
    for (const frame of trace.frames) {
      const left = Math.max(0, x(frame.base)), right = Math.min(width, x(frame.base + frame.used));
      if (right < 0 || left > width || frame.depth >= this.rows - 1) continue;
      const failed = frame.answer === null || frame.answer.status !== 0;
      draw.fillStyle = failed ? (this.dark ? '#7a2f2b' : '#f3b8b3') : frame.depth % 2 === 0 ? (this.dark ? '#28486b' : '#bcd7f5') : (this.dark ? '#345d4a' : '#c3e6d1');
      draw.fillRect(left, frame.depth * FLAME_ROW, Math.max(1, right - left - 0.5), FLAME_ROW - 1);
      if (right - left < 40) continue;
      draw.save();
      draw.beginPath();
      draw.rect(left, frame.depth * FLAME_ROW, right - left - 4, FLAME_ROW);
      draw.clip();
      draw.fillStyle = style.color;
      draw.fillText(this.label(frame), left + 4, frame.depth * FLAME_ROW + FLAME_ROW / 2);
      draw.restore();
    }
    this.strip(draw, width, x);
    const here = x(trace.spent[this.view.row]);
    draw.fillStyle = style.getPropertyValue('--bad');
    if (here >= 0 && here <= width) draw.fillRect(here - 0.75, 0, 1.5, height);
  }
  // One colour a pixel: the instruction that spent there.
  strip(draw, width, x) {
    const trace = this.view.trace;
    let row = -1;
    for (let pixel = 0; pixel < width; ++pixel) {
      const gas = this.from + (pixel + 0.5) / width * (this.to - this.from);
      row = this.spender(gas);
      if (row < 0) continue;
      const depth = trace.frames[trace.frame[row]].depth + 1;
      if (depth > this.rows - 1) continue;
      draw.fillStyle = this.colour(trace.instructions[trace.instruction[row]].name);
      draw.fillRect(pixel, depth * FLAME_ROW + 1, 1, FLAME_ROW - 7);
    }
  }
  // The last instruction that began when no more than this gas was spent; what is spent never falls.
  rowAt(gas) {
    const trace = this.view.trace;
    let low = 0, high = trace.steps - 1;
    if (high < 0) return -1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (trace.spent[trace.stepRows[middle]] <= gas) low = middle;
      else high = middle - 1;
    }
    return trace.stepRows[low];
  }
  // The instruction that spent there: once a frame is over, the one that began it goes on spending.
  spender(gas) {
    const trace = this.view.trace;
    let row = this.rowAt(gas);
    if (row < 0) return row;
    for (let frame = trace.frames[trace.frame[row]]; frame.parent !== null && gas > frame.base + frame.used; frame = frame.parent) {
      if (trace.step[frame.begin] === 0) return row;
      row = trace.stepRows[trace.step[frame.begin] - 1];
    }
    return row;
  }
  label(frame) {
    return (frame.kind === 4 ? 'create ' : '') + (frame.format || 'no code') + ' ' + frame.codeAddress.slice(0, 8) + '…' + frame.codeAddress.slice(-4) + '  ' + frame.used;
  }
  place(event) {
    const box = this.canvas.getBoundingClientRect();
    const gas = this.from + (event.clientX - box.left) / box.width * (this.to - this.from), depth = Math.floor((event.clientY - box.top) / FLAME_ROW);
    const frame = this.view.trace.frames.find((f) => f.depth === depth && gas >= f.base && gas <= f.base + f.used);
    return { gas, frame };
  }
  click(event) {
    const { gas, frame } = this.place(event);
    if (frame === undefined) {
      const row = this.spender(gas);
      if (row >= 0) this.view.choose(row);
      return;
    }
    if (frame.used > 0) {
      this.from = frame.base;
      this.to = frame.base + frame.used;
    }
    this.view.choose(frame.begin);
    this.draw();
  }
  hover(event) {
    const { gas, frame } = this.place(event), trace = this.view.trace, row = this.spender(gas);
    const text = frame !== undefined ? this.label(frame) + ' gas (' + (100 * frame.used / trace.total).toFixed(1) + '%)'
      : row < 0 ? '' : 'step ' + trace.step[row] + '  ' + trace.instructions[trace.instruction[row]].name + '  cost ' + trace.cost[row];
    this.tip.textContent = text;
    this.tip.style.display = text === '' ? 'none' : 'block';
    const box = this.canvas.getBoundingClientRect();
    this.tip.style.left = Math.min(event.clientX - box.left + 18, box.width - this.tip.offsetWidth) + 'px';
    this.tip.style.top = event.clientY - box.top + 18 + 'px';
  }
}
