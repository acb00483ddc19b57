// Utilisation over the run: a column a layer, as wide as its cycles; filled up to the MAC utilisation, with a
// line at the mapping utilisation, which is what the layer's shape would allow.

function drawUtilisation(host, run) {
  const total = run.rows.reduce((sum, row) => sum + row.cycles, 0);
  drawResponsive(host, (width) => {
    const frame = chartFrame(width, 240, 'Utilisation of every layer, in the order of the run', {left: 52, right: 12, top: 30, bottom: 46});
    const x = linearScale(0, total, frame.plot.left, frame.plot.right);
    const groups = joinNarrow(run.rows.map((row) => row.cycles), total / (frame.plot.right - frame.plot.left) * 2).map((group) => {
      const rows = run.rows.slice(group.first, group.last + 1);
      const macs = rows.reduce((sum, row) => sum + row.macs, 0), active = rows.reduce((sum, row) => sum + row.cycles_active, 0);
      return {...group, rows, mac: macs / run.pes / group.size, mapping: active ? macs / run.pes / active : 0};
    });
    const y = linearScale(0, Math.max(1, ...groups.map((group) => group.mac)), frame.plot.bottom, frame.plot.top);
    drawXAxis(frame, x, x.ticks(Math.max(2, width / 130)), formatTick, 'cycles of the run, layer after layer');
    drawYAxis(frame, y, [0, 0.25, 0.5, 0.75, 1], (v) => `${100 * v} %`, 'share of the peak');
    let before = 0;
    const columns = groups.map((group) => {
      const left = x(before), right = x(before += group.size);
      const node = svg('g', {class: 'column', role: 'button'},
        svg('rect', {class: 'mac', x: left, width: Math.max(0.5, right - left - (right - left > 4 ? 1 : 0)), y: y(group.mac), height: y(0) - y(group.mac)}),
        group.mapping ? svg('line', {class: 'mapping', x1: left, x2: Math.max(left + 0.5, right - 1), y1: y(group.mapping), y2: y(group.mapping)}) : null,
        svg('rect', {class: 'outline', x: left, width: right - left, y: frame.plot.top, height: frame.plot.bottom - frame.plot.top}));
      const {rows} = group;
      const lines = [rows.length > 1 ? `${rows[0].layer} … ${rows[rows.length - 1].layer}` : rows[0].layer,
        `MAC utilisation ${formatPercent(group.mac)}`, `mapping utilisation ${formatPercent(group.mapping)}`, `${formatCount(group.size)} cycles`];
      node.setAttribute('aria-label', lines.join('; '));
      frame.root.append(node);
      return {node, lines, index: group.first};
    });
    makeRoving(columns.map((c) => c.node), (i) => tooltip.showAt(columns[i].node, columns[i].lines), (i) => run.select(columns[i].index));
    addTooltips(columns.map((c) => c.node), (i) => columns[i].lines);
    host.replaceChildren(frame.root);
  });
}
