// The wavefront: a small array, cycle by cycle. The frames were simulated; this only shows them.

const ROW_COLORS = ['--row-0', '--row-1', '--row-2', '--row-3', '--row-4', '--row-5'];

class Wavefront {
  constructor(hosts, examples) {
    this.hosts = hosts;
    this.examples = examples;
    this.timer = null;
    this.frame = 0;
    hosts.choice.replaceChildren(...examples.map((example, i) => el('option', {value: i}, example.title)));
    hosts.choice.addEventListener('change', () => this.open(Number(hosts.choice.value)));
    const actions = {first: () => this.step(-Infinity), back: () => this.step(-1), play: () => this.toggle(), next: () => this.step(1),
      last: () => this.step(Infinity)};
    for (const button of hosts.buttons) button.addEventListener('click', () => {
      if (button.dataset.action !== 'play') this.stop();
      actions[button.dataset.action]();
    });
    hosts.slider.addEventListener('input', () => {
      this.stop();
      this.go(Number(hosts.slider.value));
    });
    hosts.stage.addEventListener('keydown', (event) => {
      const keys = {ArrowRight: actions.next, ArrowLeft: actions.back, Home: actions.first, End: actions.last, ' ': actions.play};
      if (!(event.key in keys)) return;
      event.preventDefault();
      if (event.key !== ' ') this.stop();
      keys[event.key]();
    });
    this.open(0);
  }

  open(index) {
    this.stop();
    this.example = this.examples[index];
    this.data = this.example.wavefront;
    this.hosts.slider.max = this.data.frames.length - 1;
    this.build();
    this.go(0);
  }

  // ---- moving ----

  go(frame) {
    this.frame = Math.min(this.data.frames.length - 1, Math.max(0, frame));
    this.hosts.slider.value = this.frame;
    this.hosts.slider.setAttribute('aria-valuetext', `cycle ${this.data.frames[this.frame].cycle}`);
    this.show();
  }

  step(by) {
    this.go(this.frame + by);
  }

  toggle() {
    if (this.timer) return this.stop();
    if (this.frame === this.data.frames.length - 1) this.go(0);
    this.hosts.text.setAttribute('aria-live', 'off');
    this.timer = setInterval(() => {
      if (this.frame === this.data.frames.length - 1) this.stop();
      else this.step(1);
    }, Number(this.hosts.speed.value));
    return this.label();
  }

  stop() {
    clearInterval(this.timer);
    this.timer = null;
    this.hosts.text.setAttribute('aria-live', 'polite');
    this.label();
  }

  label() {
    const button = this.hosts.buttons.find((b) => b.dataset.action === 'play');
    button.textContent = this.timer ? '❚❚ Pause' : '▶ Play';
  }

  // A PE by the names that the data give its parts.
  pe(frame, r, c) {
    const values = this.data.frames[frame].pes[r * this.data.cols_of_pes + c];
    return Object.fromEntries(this.data.pe.map((name, i) => [name, values[i]]));
  }

  // ---- building ----

  build() {
    const {rows_of_pes: rows, cols_of_pes: cols} = this.data;
    const size = 104, left = 74, top = 26, bottom = 66;
    this.cells = [];
    const width = left + cols * size + 8, height = top + rows * size + bottom;
    const root = svg('svg', {viewBox: `0 0 ${width} ${height}`, class: 'array', role: 'img', 'aria-label': `${rows} by ${cols} PEs`});
    for (let c = 0; c < cols; c++)
      root.append(svg('text', {x: left + c * size + 50, y: 16, class: 'quiet-text', 'text-anchor': 'middle'}, `column ${c}`));
    this.inputs = [];
    for (let r = 0; r < rows; r++) {
      const y = top + r * size;
      const input = svg('text', {x: left - 26, y: y + 54, class: 'input', 'text-anchor': 'end'});
      const arrow = svg('path', {class: 'flow', d: `M${left - 20} ${y + 48}h14m-6 -5l6 5l-6 5`});
      this.inputs.push({input, arrow});
      root.append(input, arrow);
      for (let c = 0; c < cols; c++) this.cells.push(this.buildCell(root, left + c * size, y, size - 8));
    }
    this.sums = [];
    for (let c = 0; c < cols; c++) {
      const x = left + c * size + 48, y = top + rows * size;
      const arrow = svg('path', {class: 'flow', d: `M${x} ${y}v14m-5 -6l5 6l5 -6`});
      const text = svg('text', {x, y: y + 34, class: 'sum', 'text-anchor': 'middle'});
      const row = svg('text', {x, y: y + 54, class: 'quiet-text', 'text-anchor': 'middle'});
      this.sums.push({arrow, text, row});
      root.append(arrow, text, row);
    }
    root.append(svg('text', {x: left - 10, y: top + rows * size + 34, class: 'quiet-text', 'text-anchor': 'end'}, 'sums'));
    this.hosts.array.replaceChildren(root);
    this.buildMatrices();
    this.buildOccupancy();
  }

  buildCell(root, x, y, size) {
    const text = (dx, dy, className, anchor = 'start') => svg('text', {x: x + dx, y: y + dy, class: className, 'text-anchor': anchor});
    const cell = {
      box: svg('rect', {x, y, width: size, height: size, rx: 8, class: 'pe'}),
      weight: text(8, 20, 'weight'), shadow: text(size - 8, 20, 'shadow', 'end'), arrival: text(size - 8, size - 8, 'arrival', 'end'),
      product: text(size / 2, 50, 'product', 'middle'), below: text(size / 2, 72, 'below', 'middle'), row: text(8, size - 8, 'row-name'),
    };
    root.append(cell.box, cell.weight, cell.shadow, cell.product, cell.below, cell.arrival, cell.row);
    return cell;
  }

  buildMatrices() {
    const {ifmap, filter} = this.example;
    const table = (caption, matrix, note) => el('table', {class: 'matrix'}, el('caption', {}, caption, note ? el('span', {class: 'quiet'}, ` ${note}`) : null),
      el('tbody', {}, matrix.map((row) => el('tr', {}, row.map((value) => el('td', {}, value === null ? '·' : String(value)))))));
    const empty = ifmap.map(() => filter[0].map(() => null));
    const nodes = [table('activations', ifmap, `${ifmap.length} × ${ifmap[0].length}`), table('weights', filter, `${filter.length} × ${filter[0].length}`),
      table('sums', empty, 'as they arrive')];
    this.hosts.matrices.replaceChildren(...nodes);
    const [a, b, sums] = nodes.map((node) => [...node.tBodies[0].rows].map((row) => [...row.cells]));
    this.matrices = {a, b, sums};
  }

  // PEs at work in every cycle, as bars: fill, stream, drain.
  buildOccupancy() {
    const {frames} = this.data, pes = frames[0].pes.length, width = 600, height = 64;
    const step = width / frames.length;
    const root = svg('svg', {viewBox: `0 0 ${width} ${height + 16}`, class: 'occupancy', role: 'img', preserveAspectRatio: 'none',
      'aria-label': 'PEs at work in every cycle'});
    frames.forEach((frame, i) => {
      const working = frame.pes.filter((pe) => pe[1] >= 0).length;
      root.append(svg('rect', {x: i * step, y: height - working / pes * height, width: step * 0.85, height: working / pes * height, class: 'work'}));
    });
    this.cursor = svg('rect', {y: 0, width: step * 0.85, height, class: 'cursor'});
    root.append(this.cursor, svg('line', {x1: 0, x2: width, y1: height, y2: height, class: 'base'}));
    this.cursorStep = step;
    const total = frames.reduce((sum, frame) => sum + frame.pes.filter((pe) => pe[1] >= 0).length, 0);
    this.hosts.occupancy.replaceChildren(el('p', {class: 'quiet'}, `PEs at work, cycle by cycle: ${formatPercent(total / pes / frames.length)} ` +
      `of all PE cycles shown; ${this.data.cycles} cycles in all, memory included`), root);
  }

  // ---- showing ----

  show() {
    const {rows_of_pes: rows, cols_of_pes: cols, frames} = this.data;
    for (let r = 0; r < rows; r++)
      for (let c = 0; c < cols; c++) this.showCell(this.cells[r * cols + c], this.pe(this.frame, r, c));
    this.inputs.forEach(({input, arrow}, r) => {
      const pe = this.pe(this.frame, r, 0);
      input.textContent = pe.row >= 0 ? String(pe.input) : '';
      arrow.classList.toggle('off', pe.row < 0);
    });
    this.sums.forEach(({arrow, text, row}, c) => {
      const index = frames[this.frame].results[c];
      arrow.classList.toggle('off', index < 0);
      text.textContent = index >= 0 ? String(this.data.rows[index].results[c]) : '';
      row.textContent = index >= 0 ? `row ${index % this.example.ifmap.length}` : '';
    });
    this.cursor.setAttribute('x', this.frame * this.cursorStep);
    this.showMatrices();
    this.hosts.text.replaceChildren(el('strong', {}, `Cycle ${frames[this.frame].cycle}. `), this.explain());
  }

  color(row) {
    return ROW_COLORS[row % this.example.ifmap.length % ROW_COLORS.length];
  }

  showCell(cell, pe) {
    const works = pe.row >= 0;
    cell.box.setAttribute('class', `pe ${works ? 'works' : ''} ${this.data.activities[pe.activity] === 'swap' ? 'swaps' : ''}`);
    cell.box.style.setProperty('--part', works ? `var(${this.color(pe.row)})` : '');
    cell.weight.textContent = pe.tile >= 0 ? `w ${pe.weight}` : '';
    cell.shadow.textContent = pe.shadow_tile >= 0 ? `next ${pe.shadow}` : '';
    cell.arrival.textContent = pe.arriving_tile >= 0 ? `▼ ${pe.arriving}` : '';
    cell.product.textContent = works ? `${pe.above} ${pe.input < 0 ? '−' : '+'} ${Math.abs(pe.input)}·${pe.weight < 0 ? `(${pe.weight})` : pe.weight}` : '';
    cell.below.textContent = works ? `= ${pe.below}` : '';
    cell.row.textContent = works ? `row ${pe.row % this.example.ifmap.length}` : '';
  }

  showMatrices() {
    const {a, b, sums} = this.matrices, {rows_of_pes: rows, cols_of_pes: cols, frames} = this.data, m = this.example.ifmap.length;
    for (const cell of [a, b].flat(2)) cell.removeAttribute('style');
    for (let r = 0; r < rows; r++)
      for (let c = 0; c < cols; c++) {
        const pe = this.pe(this.frame, r, c);
        if (pe.arriving_tile >= 0) this.mark(b[pe.arriving_tile * rows + r]?.[c], '--arrival');
        if (pe.row < 0) continue;
        this.mark(a[pe.row % m]?.[Math.floor(pe.row / m) * rows + r], this.color(pe.row));
      }
    const held = sums.map((row) => row.map(() => null));
    for (let f = 0; f <= this.frame; f++)
      frames[f].results.forEach((row, c) => {
        if (row >= 0) held[row % m][c] = {value: this.data.rows[row].results[c], now: f === this.frame, row};
      });
    held.forEach((row, i) => row.forEach((sum, c) => {
      sums[i][c].textContent = sum ? String(sum.value) : '·';
      sums[i][c].removeAttribute('style');
      if (sum?.now) this.mark(sums[i][c], this.color(sum.row));
    }));
  }

  mark(cell, color) {
    if (cell) cell.style.background = `color-mix(in srgb, var(${color}) 45%, transparent)`;
  }

  explain() {
    const {frames} = this.data, pes = frames[this.frame].pes;
    const working = pes.filter((pe) => pe[1] >= 0), arriving = pes.filter((pe) => pe[9] >= 0).length;
    const rows = [...new Set(working.map((pe) => pe[1]))].sort((x, y) => x - y).map((row) => row % this.example.ifmap.length);
    const sums = frames[this.frame].results.filter((row) => row >= 0).length;
    const parts = [];
    if (arriving) parts.push(`${arriving} weight${arriving === 1 ? '' : 's'} arrive${arriving === 1 ? 's' : ''}, along a diagonal.`);
    const swapping = pes.filter((pe) => this.data.activities[pe[0]] === 'swap').length;
    if (swapping && this.data.weight_buffers === 2) parts.push(`${swapping} PE${swapping === 1 ? ' makes' : 's make'} the new weight active (thick frame).`);
    parts.push(working.length ? `${working.length} of ${pes.length} PEs work, on row${rows.length === 1 ? '' : 's'} ${rows.join(', ')}.`
      : 'No PE has a row to work on.');
    if (sums) parts.push(`${sums} sum${sums === 1 ? '' : 's'} reach${sums === 1 ? 'es' : ''} the accumulators.`);
    return parts.join(' ');
  }
}
