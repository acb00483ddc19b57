// The roofline with every layer on it. The area of a mark is the layer's share of the cycles, its shape what
// binds it.

const BINDS = {
  array: {shape: 'circle', color: '--binds-array', name: 'bound by the array'},
  memory: {shape: 'square', color: '--binds-memory', name: 'bound by memory'},
  vector: {shape: 'triangle', color: '--binds-vector', name: 'bound by the vector unit'},
};

// Names beside the longest layers, where there is room.
function labelLongest(frame, labels) {
  const taken = [];
  for (const label of labels) {
    if (taken.length === 6) return;
    const width = label.text.length * 7 + 30, left = label.x + width < frame.plot.right ? label.x : label.x - width;
    if (left < frame.plot.left) continue;
    if (taken.some((box) => Math.abs(box.y - label.y) < 16 && left < box.left + box.width && box.left < left + width)) continue;
    taken.push({left, width, y: label.y});
    frame.root.append(svg('text', {class: 'mark-label', x: left === label.x ? label.x + 22 : label.x - 22, y: label.y + 4,
      'text-anchor': left === label.x ? 'start' : 'end'}, label.text));
  }
}

function drawRoofline(host, legend, run) {
  const {machine, pes} = run;
  const rows = run.rows.filter((row) => row.macs > 0 && row.cycles > 0 && row.operational_intensity > 0);
  // a layer that moves nothing has no intensity: it is not on this picture
  const left = run.rows.filter((row) => row.macs > 0 && row.cycles > 0).length - rows.length;
  legend.replaceChildren(...Object.entries(BINDS).filter(([key]) => rows.some((row) => row.binds === key))
    .map(([, mark]) => el('li', {}, svg('svg', {width: 16, height: 16, 'aria-hidden': 'true'},
      svg('path', {d: markPath(mark.shape, 8, 8, 5), style: {fill: `var(${mark.color})`}})), mark.name)),
  left ? el('li', {class: 'quiet'}, `${left} layers without DRAM traffic are not shown`) : '');
  if (!rows.length) {
    host.replaceChildren(el('p', {}, 'No layer multiplies and moves data: there is nothing to show.'));
    return;
  }
  const bandwidth = machine.bytes_per_cycle, ridge = pes / bandwidth;
  const speeds = rows.map((row) => row.macs / row.cycles);
  drawResponsive(host, (width) => {
    const frame = chartFrame(width, Math.min(480, Math.max(320, width * 0.5)),
      `Roofline: ${rows.length} layers`, {left: 62, right: 16, top: 34, bottom: 48});
    const [low, high] = decades([...rows.map((row) => row.operational_intensity), ridge / 3, ridge * 3]);
    const [slow, fast] = decades([...speeds, pes]);
    const x = logScale(low, high, frame.plot.left, frame.plot.right);
    const y = logScale(slow, fast, frame.plot.bottom, frame.plot.top);
    drawXAxis(frame, x, x.ticks(width / 100), formatTick, 'useful MAC a byte of DRAM traffic');
    drawYAxis(frame, y, y.ticks(8), formatTick, 'useful MAC a cycle');
    const start = Math.max(low, slow / bandwidth);
    frame.root.append(svg('path', {class: 'roof', d: `M${x(start)} ${y(start * bandwidth)}L${x(ridge)} ${y(pes)}H${frame.plot.right}`}),
      svg('text', {class: 'roof-label', x: frame.plot.right - 4, y: y(pes) - 8, 'text-anchor': 'end'},
        `${formatCount(pes)} MAC a cycle: all PEs`));
    const slope = Math.atan2(y(pes) - y(start * bandwidth), x(ridge) - x(start)) * 180 / Math.PI;
    const middle = Math.sqrt(start * ridge);
    frame.root.append(svg('text', {class: 'roof-label', 'text-anchor': 'middle',
      transform: `translate(${x(middle) - 6} ${y(middle * bandwidth) - 8}) rotate(${slope})`},
    `${formatDigits(bandwidth)} bytes a cycle`));
    // large ones first, so that small ones stay visible and reachable
    const order = rows.map((row, i) => i).sort((a, b) => rows[b].cycles - rows[a].cycles);
    const marks = order.map((i) => {
      const row = rows[i], mark = BINDS[row.binds] ?? BINDS.array;
      const r = 3.5 + 15 * Math.sqrt(row.cycles / run.longest);
      const node = svg('path', {class: 'mark', role: 'button', 'data-layer': row.layer, d: markPath(mark.shape, x(row.operational_intensity), y(speeds[i]), r),
        style: {fill: `var(${mark.color})`}});
      const lines = [row.layer, `${formatDigits(speeds[i])} MAC a cycle, ${formatPercent(speeds[i] / row.roofline_macs_per_cycle)} of its roof`,
        `${formatDigits(row.operational_intensity)} MAC a byte`, `${formatCount(row.cycles)} cycles, ${formatPercent(row.cycles / run.total.cycles)} of the run`,
        mark.name];
      node.setAttribute('aria-label', lines.join('; '));
      frame.root.append(node);
      return {node, lines, index: row.index};
    });
    labelLongest(frame, order.slice(0, 40).map((i) => ({text: rows[i].layer, x: x(rows[i].operational_intensity), y: y(speeds[i])})));
    makeRoving(marks.map((m) => m.node), (i) => tooltip.showAt(marks[i].node, marks[i].lines), (i) => run.select(marks[i].index));
    addTooltips(marks.map((m) => m.node), (i) => marks[i].lines);
    host.replaceChildren(frame.root);
  });
}
