// Points of a sweep over two columns of choice, and their Pareto front.

const SCATTER_COLORS = ['--tensor-weights', '--tensor-param', '--tensor-ofmap', '--tensor-spill', '--tensor-kv', '--tensor-ifmap', '--non-matrix'];
const SCATTER_SHAPES = ['circle', 'square', 'triangle'];

// Rows that no other one beats in both; sign -1: larger is better. Sorted by x.
function paretoFront(rows, x, signX, y, signY) {
  const sorted = rows.filter((row) => Number.isFinite(row[x]) && Number.isFinite(row[y]))
    .sort((a, b) => signX * (a[x] - b[x]) || signY * (a[y] - b[y]));
  const front = [];
  let best = Infinity, last = null;
  for (const row of sorted) {
    const value = signY * row[y];
    const equal = last && row[x] === last[x] && row[y] === last[y];
    if (value < best || equal) {
      front.push(row);
      last = row;
    }
    best = Math.min(best, value);
  }
  return front;
}

class Scatter {
  constructor(hosts, sweep) {
    this.hosts = hosts;
    this.sweep = sweep;
    this.rows = [];
    this.front = []; // of all fronts
    this.fronts = [];
    drawResponsive(hosts.chart, (width) => this.draw(width));
  }

  update(rows, choice) {
    this.rows = rows;
    this.choice = choice;
    // points of different work do not compete: each network at each batch size has its own front
    const works = new Map();
    for (const row of rows) {
      const work = `${row.network}/${row.batch ?? ''}`;
      if (!works.has(work)) works.set(work, []);
      works.get(work).push(row);
    }
    this.fronts = [...works.values()].map((part) => paretoFront(part, choice.x, choice.moreX ? -1 : 1, choice.y, choice.moreY ? -1 : 1));
    this.front = this.fronts.flat();
    this.draw(this.hosts.chart.clientWidth);
  }

  scale(key, log, first, last) {
    const values = this.rows.map((row) => row[key]).filter((value) => Number.isFinite(value) && (!log || value > 0));
    if (!values.length) return null;
    const low = values.reduce((a, b) => Math.min(a, b)), high = values.reduce((a, b) => Math.max(a, b));
    if (log) return logScale(low / 1.3, high * 1.3, first, last);
    const margin = (high - low || Math.abs(high) || 1) * 0.05;
    return linearScale(low >= 0 ? Math.max(0, low - margin) : low - margin, high + margin, first, last);
  }

  groups() {
    const {color} = this.choice;
    if (!color) return [{name: '', rows: this.rows}];
    const values = [...new Set(this.rows.map((row) => row[color]))].sort((a, b) => (typeof a === 'number' ? a - b : String(a).localeCompare(String(b))));
    // more values than colours: neighbours share one
    const per = Math.ceil(values.length / SCATTER_COLORS.length), unit = this.sweep.unit(color);
    const groups = [];
    for (let i = 0; i < values.length; i += per) {
      const part = values.slice(i, i + per), show = (value) => formatCell(value, unit);
      groups.push({name: part.length > 1 ? `${show(part[0])} … ${show(part[part.length - 1])}` : show(part[0]),
        rows: this.rows.filter((row) => part.includes(row[color]))});
    }
    return groups;
  }

  draw(width) {
    if (!this.choice || width <= 0) return;
    const {x: keyX, y: keyY, logX, logY} = this.choice;
    const frame = chartFrame(width, Math.min(520, Math.max(320, width * 0.55)), `${keyY} over ${keyX}: ${this.rows.length} points`,
      {left: 74, right: 18, top: 34, bottom: 48});
    const x = this.scale(keyX, logX, frame.plot.left, frame.plot.right), y = this.scale(keyY, logY, frame.plot.bottom, frame.plot.top);
    if (!x || !y) {
      this.hosts.chart.replaceChildren(el('p', {class: 'readout'}, 'No point passes the filter.'));
      this.hosts.legend.replaceChildren();
      return;
    }
    const tick = (key) => (value) => formatTick(value, this.sweep.unit(key));
    drawXAxis(frame, x, x.ticks(width / 110, this.sweep.unit(keyX)), tick(keyX), this.sweep.label(keyX));
    drawYAxis(frame, y, y.ticks(7, this.sweep.unit(keyY)), tick(keyY), this.sweep.label(keyY));
    const place = (row) => [x(row[keyX]), y(row[keyY])];
    const legend = this.groups().map((group, i) => {
      const color = SCATTER_COLORS[i % SCATTER_COLORS.length], shape = SCATTER_SHAPES[i % SCATTER_SHAPES.length];
      for (const row of group.rows) row.look = {color, shape};
      frame.root.append(svg('path', {class: 'points', style: {fill: `var(${color})`},
        d: group.rows.map((row) => place(row)).filter(([a, b]) => Number.isFinite(a) && Number.isFinite(b))
          .map(([a, b]) => markPath(shape, a, b, 4)).join('')}));
      return group.name && el('li', {}, svg('svg', {width: 16, height: 16, 'aria-hidden': 'true'},
        svg('path', {d: markPath(shape, 8, 8, 5), style: {fill: `var(${color})`}})), group.name);
    });
    this.hosts.legend.replaceChildren(...legend.filter(Boolean));
    this.drawFront(frame, place);
    this.listen(frame, place);
    this.hosts.chart.replaceChildren(frame.root);
  }

  drawFront(frame, place) {
    const visible = (row) => place(row).every(Number.isFinite), front = this.front.filter(visible);
    if (!front.length) return;
    for (const part of this.fronts.map((rows) => rows.filter(visible)).filter((rows) => rows.length))
      frame.root.append(svg('path', {class: 'front', d: part.map((row, i) => {
        const [a, b] = place(row);
        return i ? `H${a}V${b}` : `M${a} ${b}`;
      }).join('')}));
    const nodes = front.map((row) => {
      const node = svg('path', {class: 'mark on-front', role: 'button', d: markPath(row.look.shape, ...place(row), 6), style: {fill: `var(${row.look.color})`}});
      node.setAttribute('aria-label', `on the Pareto front: ${this.sweep.describe(row).join('; ')}`);
      frame.root.append(node);
      return node;
    });
    makeRoving(nodes, (i) => tooltip.showAt(nodes[i], this.sweep.describe(front[i])), (i) => this.sweep.select(front[i]));
    nodes.forEach((node) => node.addEventListener('blur', () => tooltip.hide()));
  }

  // The nearest point to the pointer.
  listen(frame, place) {
    const nearest = (event) => {
      const box = frame.root.getBoundingClientRect();
      let found = null, distance = 14 ** 2;
      for (const row of this.rows) {
        const [a, b] = place(row), far = (a - event.clientX + box.x) ** 2 + (b - event.clientY + box.y) ** 2;
        if (far < distance) [found, distance] = [row, far];
      }
      return found;
    };
    frame.root.addEventListener('pointermove', (event) => {
      const row = nearest(event);
      if (row) tooltip.show(event.clientX, event.clientY, this.sweep.describe(row));
      else tooltip.hide();
    });
    frame.root.addEventListener('pointerleave', () => tooltip.hide());
    frame.root.addEventListener('click', (event) => {
      const row = nearest(event);
      if (row) this.sweep.select(row);
    });
  }
}
