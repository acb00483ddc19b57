// The timeline: how busy each unit is, and within the window that the page holds every instruction. Drawn on
// a canvas; buttons, keys, dragging, and a wheel with Ctrl move it.

const UNIT_COLORS = ['--unit-load', '--unit-store', '--unit-wload', '--unit-matmul', '--unit-vector'];
const GUTTER = 62; // for the names of the lanes
const BASE64 = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_';

// The window's instructions by unit: [{layer, op, start, end}] sorted by start.
function unpackInstructions(window, units) {
  const lanes = units.map(() => []);
  let start = window.first;
  for (let i = 0; i < window.items.length; i += 5) {
    const [unit, op, layer, step, cycles] = window.items.slice(i, i + 5);
    start += step;
    lanes[unit].push({op: window.instructions[op], layer, start, end: start + cycles});
  }
  return lanes;
}

// Layers one below the other where their spans overlap, in at most `most` lanes.
function stackSpans(spans, most) {
  const lanes = Array.from({length: most}, () => []), free = new Array(most).fill(-1);
  spans.map((span, layer) => span && {layer, start: span[0], end: span[1] + 1}).filter(Boolean)
    .sort((a, b) => a.start - b.start).forEach((span) => {
      let lane = free.findIndex((cycle) => cycle <= span.start);
      if (lane < 0) lane = free.indexOf(Math.min(...free));
      free[lane] = Math.max(free[lane], span.end);
      lanes[lane].push({...span, shade: lanes[lane].length % 2});
    });
  return lanes.filter((lane) => lane.length);
}

class Timeline {
  constructor(hosts, run) {
    const {timeline} = run.data;
    this.run = run;
    this.cycles = timeline.cycles;
    this.units = timeline.units;
    this.window = timeline.window;
    this.width = timeline.busy.width;
    this.busy = timeline.busy.shares.map((text) => Float32Array.from(text, (c) => BASE64.indexOf(c) / 63));
    this.instructions = unpackInstructions(timeline.window, timeline.units);
    this.layers = stackSpans(timeline.layers, 2);
    this.first = 0;
    this.last = this.cycles;
    this.hosts = hosts;
    this.canvas = el('canvas', {tabindex: '0', role: 'application', class: 'timeline-canvas',
      'aria-label': 'Timeline. Arrow keys move, plus and minus zoom, Home shows all.', 'aria-describedby': 'timeline-readout'});
    this.overview = el('canvas', {class: 'timeline-overview', 'aria-hidden': 'true'});
    hosts.chart.replaceChildren(this.canvas, this.overview);
    this.listen();
    drawResponsive(hosts.chart, (width) => this.draw(width));
  }

  // ---- where one is ----

  move(first, last) {
    const length = Math.min(this.cycles, Math.max(16, last - first));
    this.first = Math.min(Math.max(0, first), this.cycles - length);
    this.last = this.first + length;
    this.draw(this.canvas.clientWidth);
  }

  zoom(factor, at = (this.first + this.last) / 2) {
    const length = Math.min(this.cycles, Math.max(16, (this.last - this.first) * factor));
    const part = (at - this.first) / (this.last - this.first);
    this.move(at - part * length, at - part * length + length);
  }

  pan(part) {
    const step = part * (this.last - this.first);
    this.move(this.first + step, this.last + step);
  }

  show(layer) {
    const span = this.run.data.timeline.layers[layer];
    if (!span) return;
    const margin = Math.max(8, (span[1] - span[0]) * 0.1);
    this.move(span[0] - margin, span[1] + margin);
  }

  listen() {
    const {canvas} = this, {buttons} = this.hosts;
    const actions = {in: () => this.zoom(0.5), out: () => this.zoom(2), left: () => this.pan(-0.5), right: () => this.pan(0.5),
      all: () => this.move(0, this.cycles), window: () => this.move(this.window.first, this.window.last + 1)};
    for (const button of buttons) button.addEventListener('click', () => actions[button.dataset.action]());
    canvas.addEventListener('keydown', (event) => {
      const keys = {ArrowLeft: () => this.pan(-0.1), ArrowRight: () => this.pan(0.1), '+': actions.in, '=': actions.in, '-': actions.out,
        ArrowUp: actions.in, ArrowDown: actions.out, Home: actions.all, PageUp: actions.left, PageDown: actions.right};
      if (!(event.key in keys) || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      keys[event.key]();
      this.say(`cycles ${formatCount(this.first)} to ${formatCount(this.last)}`);
    });
    canvas.addEventListener('wheel', (event) => {
      if (!event.ctrlKey && !event.shiftKey) return; // a plain wheel scrolls the page
      event.preventDefault();
      this.zoom(event.deltaY > 0 || event.deltaX > 0 ? 1.25 : 0.8, this.cycleAt(event));
    }, {passive: false});
    canvas.addEventListener('dblclick', (event) => this.zoom(0.4, this.cycleAt(event)));
    this.listenToPointers();
  }

  // One pointer drags, two zoom.
  listenToPointers() {
    const {canvas} = this, pointers = new Map();
    canvas.addEventListener('pointerdown', (event) => {
      pointers.set(event.pointerId, event.offsetX);
      canvas.setPointerCapture(event.pointerId);
    });
    canvas.addEventListener('pointermove', (event) => {
      if (!pointers.has(event.pointerId)) return this.readOut(event);
      const before = [...pointers.values()], [a, b] = before;
      pointers.set(event.pointerId, event.offsetX);
      const now = [...pointers.values()], per = (this.last - this.first) / (canvas.clientWidth - GUTTER);
      if (now.length === 1) return this.move(this.first + (before[0] - now[0]) * per, this.last + (before[0] - now[0]) * per);
      return this.zoom(Math.abs(a - b) / Math.max(8, Math.abs(now[0] - now[1])), this.first + ((now[0] + now[1]) / 2 - GUTTER) * per);
    });
    for (const name of ['pointerup', 'pointercancel'])
      canvas.addEventListener(name, (event) => pointers.delete(event.pointerId));
    const jump = (event) => {
      if (event.type === 'pointermove' && !event.buttons) return;
      const middle = event.offsetX / this.overview.clientWidth * this.cycles, half = (this.last - this.first) / 2;
      this.move(middle - half, middle + half);
    };
    this.overview.addEventListener('pointerdown', jump);
    this.overview.addEventListener('pointermove', jump);
  }

  cycleAt(event) {
    const part = Math.max(0, event.offsetX - GUTTER) / (this.canvas.clientWidth - GUTTER);
    return this.first + part * (this.last - this.first);
  }

  // ---- drawing ----

  lanes() {
    const lanes = this.layers.map((spans, i) => ({name: i ? '' : 'layers', spans}));
    this.units.forEach((name, unit) => lanes.push({name, unit}));
    return lanes;
  }

  draw(width) {
    if (width <= 0) return;
    const lanes = this.lanes(), laneHeight = 26, top = 22;
    this.x = linearScale(this.first, this.last, GUTTER, width);
    this.laneTop = (i) => top + i * laneHeight + (i >= this.layers.length ? 8 : 0);
    this.laneHeight = laneHeight - 4;
    const context = this.prepare(this.canvas, width, this.laneTop(lanes.length) + 4);
    const detailed = this.first >= this.window.first - 1 && this.last <= this.window.last + 2 && this.countVisible() < 3000;
    this.detailed = detailed;
    this.drawTicks(context, width);
    lanes.forEach((lane, i) => {
      context.fillStyle = cssColor('--lane');
      context.fillRect(GUTTER, this.laneTop(i), width - GUTTER, this.laneHeight);
      if (lane.spans) this.drawSpans(context, lane.spans, i, (span) => cssColor(span.shade ? '--layer-odd' : '--layer-even'),
        (span) => this.run.data.layers[span.layer].name);
      else if (detailed) this.drawSpans(context, this.instructions[lane.unit], i, () => cssColor(UNIT_COLORS[lane.unit]), (item) => item.op);
      else this.drawBusy(context, lane.unit, i, width);
      if (lane.name) this.drawLaneName(context, lane.name, i);
    });
    this.drawOverview(width);
    this.hosts.range.textContent = `cycles ${formatCount(this.first)} to ${formatCount(this.last)}: ` + (detailed ? 'every instruction'
      : `share of time each unit is busy, ${this.width > 1 ? `in slices of ${formatCount(this.width)} cycles` : 'cycle by cycle'}`);
  }

  prepare(canvas, width, height) {
    const ratio = devicePixelRatio || 1;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    canvas.style.height = `${height}px`;
    const context = canvas.getContext('2d');
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    context.font = `12px ${getComputedStyle(document.body).fontFamily}`;
    context.textBaseline = 'middle';
    return context;
  }

  countVisible() {
    return this.instructions.reduce((sum, items) => sum + this.visible(items).length, 0);
  }

  // Items between first and last; starts ascend, and an instruction may reach in from the left.
  visible(items) {
    return items.filter((item) => item.end >= this.first && item.start <= this.last);
  }

  drawTicks(context, width) {
    context.fillStyle = cssColor('--quiet');
    context.textAlign = 'center';
    for (const tick of this.x.ticks((width - GUTTER) / 110)) {
      const x = this.x(tick);
      context.fillRect(x, 14, 1, 6);
      if (x > GUTTER - 20 && x < width - 20) context.fillText(formatCount(tick), x, 7);
    }
  }

  drawSpans(context, items, lane, color, name) {
    const y = this.laneTop(lane), selected = this.run.selected >= 0 ? this.run.rows[this.run.selected].layerNumber : -1;
    context.textAlign = 'left';
    for (const item of this.visible(items)) {
      const left = Math.max(this.x(item.start), GUTTER), width = Math.max(0.75, Math.min(this.x(item.end), this.x(this.last) + 2) - left);
      context.fillStyle = color(item);
      context.globalAlpha = selected >= 0 && item.layer !== selected ? 0.45 : 1;
      context.fillRect(left, y, width > 3 ? width - 1 : width, this.laneHeight);
      if (width > 6) { // a seam where one begins while the one before still runs
        context.fillStyle = cssColor('--surface');
        context.fillRect(left, y, 1, this.laneHeight);
      }
      const text = name(item);
      if (width > 24 && context.measureText(text).width + 8 < width) {
        context.fillStyle = cssColor('--on-lane');
        context.fillText(text, left + 5, y + this.laneHeight / 2 + 1);
      }
      context.globalAlpha = 1;
    }
  }

  // The mean share of a pixel's slices as height.
  drawBusy(context, unit, lane, width) {
    const y = this.laneTop(lane), shares = this.busy[unit], per = (this.last - this.first) / (width - GUTTER);
    context.fillStyle = cssColor(UNIT_COLORS[unit]);
    for (let pixel = 0; pixel < width - GUTTER; pixel++) {
      const from = Math.floor((this.first + pixel * per) / this.width), to = Math.ceil((this.first + (pixel + 1) * per) / this.width);
      let sum = 0, count = 0;
      for (let bin = from; bin < Math.max(to, from + 1) && bin < shares.length; bin++, count++) sum += shares[bin];
      const height = count ? sum / count * this.laneHeight : 0;
      if (height) context.fillRect(GUTTER + pixel, y + this.laneHeight - height, 1, height);
    }
  }

  drawLaneName(context, name, lane) {
    context.textAlign = 'left';
    context.fillStyle = cssColor('--text');
    context.fillText(name, 0, this.laneTop(lane) + this.laneHeight / 2 + 1);
  }

  drawOverview(width) {
    const height = 30, context = this.prepare(this.overview, width, height);
    const x = linearScale(0, this.cycles, 0, width), matmul = this.busy[3], per = matmul.length / width;
    context.fillStyle = cssColor('--lane');
    context.fillRect(0, 0, width, height);
    context.fillStyle = cssColor(UNIT_COLORS[3]);
    for (let pixel = 0; pixel < width; pixel++) {
      let sum = 0, count = 0;
      for (let bin = Math.floor(pixel * per); bin < Math.max(Math.floor((pixel + 1) * per), Math.floor(pixel * per) + 1); bin++, count++)
        sum += matmul[bin] ?? 0;
      context.fillRect(pixel, height - sum / count * height, 1, sum / count * height);
    }
    context.strokeStyle = cssColor('--accent');
    context.lineWidth = 2;
    context.strokeRect(x(this.first) + 1, 1, Math.max(4, x(this.last) - x(this.first)) - 2, height - 2);
  }

  // ---- what is under the pointer ----

  say(text) {
    this.hosts.readout.textContent = text;
  }

  readOut(event) {
    const lanes = this.lanes(), cycle = this.cycleAt(event);
    const lane = lanes.findIndex((_, i) => event.offsetY >= this.laneTop(i) && event.offsetY < this.laneTop(i) + this.laneHeight);
    if (lane < 0) return this.say(`cycle ${formatCount(Math.floor(cycle))}`);
    const {spans, unit, name} = lanes[lane];
    const items = spans ?? (this.detailed ? this.instructions[unit] : null);
    if (!items) {
      const share = this.busy[unit][Math.min(this.busy[unit].length - 1, Math.floor(cycle / this.width))];
      return this.say(`cycle ${formatCount(Math.floor(cycle))}: ${name} busy ${formatPercent(share)}`);
    }
    const item = items.find((i) => cycle >= i.start && cycle < i.end);
    if (!item) return this.say(`cycle ${formatCount(Math.floor(cycle))}`);
    const layer = this.run.data.layers[item.layer];
    return this.say(`${item.op ? `${item.op} of ` : ''}${layer ? layer.name : '-'}: cycles ${formatCount(item.start)} to ` +
      `${formatCount(item.end - 1)}, ${formatCount(item.end - item.start)} in all`);
  }
}
