// Where the array's cycles went: the causes, their colours, the account of all and over the run.

// In the order in which they are stacked. The array's active cycles come in two parts: useful multiplications,
// and PEs that had none. Keys are columns of the report.
const CAUSES = [
  {key: 'useful', name: 'useful work', color: '--useful', hint: 'PEs that do a useful multiply-accumulate'},
  {key: 'unfilled', name: 'active, PEs unused', color: '--unfilled',
    hint: 'a row is issued, but the tile leaves PEs empty or multiplies structural zeros'},
  {key: 'cycles_weight_stall', name: 'weight stall', color: '--weight-stall'},
  {key: 'cycles_weight_shift', name: 'weight shift', color: '--weight-shift'},
  {key: 'cycles_input_stall', name: 'input stall', color: '--input-stall'},
  {key: 'cycles_raw_stall', name: 'RAW stall', color: '--raw-stall'},
  {key: 'cycles_accumulator_stall', name: 'accumulator stall', color: '--accumulator-stall'},
  {key: 'cycles_non_matrix', name: 'non-matrix', color: '--non-matrix'},
  {key: 'cycles_drain', name: 'drain', color: '--drain'},
  {key: 'cycles_idle', name: 'idle', color: '--idle'},
];

// Adds `causes` (cycles in the order above) and `charged` (their sum) to a row.
function addCauses(row, pes) {
  const useful = Math.min(row.macs / pes, row.cycles_active);
  row.causes = CAUSES.map(({key}) => key === 'useful' ? useful
    : key === 'unfilled' ? row.cycles_active - useful : row[key]);
  row.charged = row.causes.reduce((a, b) => a + b, 0);
}

// One bar of 100 % with a legend of its figures.
function drawAccountBar(causes, label) {
  const sum = causes.reduce((a, b) => a + b, 0) || 1;
  const parts = CAUSES.map((cause, i) => ({...cause, cycles: causes[i]})).filter((cause) => cause.cycles > 0);
  return el('div', {class: 'account'},
    el('div', {class: 'account-bar', role: 'img', 'aria-label': `${label}: ` +
      parts.map((p) => `${p.name} ${formatPercent(p.cycles / sum)}`).join(', ')},
    parts.map((p) => el('span', {style: {'--part': `var(${p.color})`, 'flex-grow': String(p.cycles / sum)},
      title: `${p.name}: ${formatCount(p.cycles)} cycles, ${formatPercent(p.cycles / sum)}`}))),
    el('ul', {class: 'legend'}, parts.map((p) => el('li', {title: p.hint},
      el('span', {class: 'swatch', style: {'--part': `var(${p.color})`}}), p.name, ' ',
      el('b', {}, formatPercent(p.cycles / sum)), ' ', el('span', {class: 'quiet'}, formatShort(p.cycles))))));
}

// The account over the run: a column a layer, as wide as the cycles charged to it; narrow ones are joined.
function drawAccountOverRun(host, run) {
  const redraw = drawResponsive(host, (width) => {
    const height = 300;
    const frame = chartFrame(width, height, 'Cycle account of every layer, in the order of the run',
      {left: 52, right: 12, top: 30, bottom: 46});
    const total = run.rows.reduce((sum, row) => sum + row.charged, 0);
    const x = linearScale(0, total, frame.plot.left, frame.plot.right);
    const y = linearScale(0, 1, frame.plot.bottom, frame.plot.top);
    drawXAxis(frame, x, x.ticks(Math.max(2, width / 130)), formatTick, 'cycles of the run, layer after layer');
    drawYAxis(frame, y, [0, 0.25, 0.5, 0.75, 1], (v) => `${100 * v} %`, 'share of the cycles');
    let before = 0;
    const columns = joinNarrow(run.rows.map((row) => row.charged), total / (frame.plot.right - frame.plot.left) * 2)
      .map((group) => {
        const rows = run.rows.slice(group.first, group.last + 1);
        const causes = CAUSES.map((_, i) => rows.reduce((sum, row) => sum + row.causes[i], 0));
        const left = x(before), right = x(before += group.size);
        const node = svg('g', {class: 'column', role: 'button', 'data-first': group.first});
        let share = 0;
        causes.forEach((cycles, i) => {
          if (!cycles) return;
          const top = y(share + cycles / group.size);
          node.append(svg('rect', {x: left, width: Math.max(0.5, right - left - (right - left > 4 ? 1 : 0)), y: top,
            height: y(share) - top, style: {fill: `var(${CAUSES[i].color})`}}));
          share += cycles / group.size;
        });
        node.append(svg('rect', {class: 'outline', x: left, width: right - left, y: frame.plot.top,
          height: frame.plot.bottom - frame.plot.top}));
        const lines = [rows.length > 1 ? `${rows[0].layer} … ${rows[rows.length - 1].layer}` : rows[0].layer,
          `${formatCount(group.size)} cycles, ${formatPercent(group.size / total)} of the run`,
          ...CAUSES.map((cause, i) => [cause.name, causes[i]]).filter(([, cycles]) => cycles > 0)
            .map(([name, cycles]) => `${name}: ${formatPercent(cycles / group.size)}`)];
        node.setAttribute('aria-label', lines.join('; '));
        frame.root.append(node);
        return {node, lines, index: group.first};
      });
    makeRoving(columns.map((c) => c.node), (i) => tooltip.showAt(columns[i].node, columns[i].lines),
      (i) => run.select(columns[i].index));
    addTooltips(columns.map((c) => c.node), (i) => columns[i].lines);
    host.replaceChildren(frame.root);
  });
  return redraw;
}
