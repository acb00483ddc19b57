// DRAM traffic by tensor, in all and layer by layer.

const TENSORS = [
  {keys: ['weight_bytes'], name: 'weights', color: '--tensor-weights'},
  {keys: ['ifmap_bytes'], name: 'network input', color: '--tensor-ifmap'},
  {keys: ['ofmap_bytes'], name: 'network output', color: '--tensor-ofmap'},
  {keys: ['spill_read_bytes', 'spill_write_bytes'], name: 'spills', color: '--tensor-spill'},
  {keys: ['param_bytes'], name: 'parameters', color: '--tensor-param'},
  {keys: ['kv_read_bytes', 'kv_write_bytes'], name: 'KV cache', color: '--tensor-kv'},
  {keys: ['other_bytes'], name: 'other', color: '--tensor-other'},
];

function tensorBytes(row) {
  return TENSORS.map(({keys}) => keys.reduce((sum, key) => sum + row[key], 0));
}

function drawTraffic(host, legend, run) {
  const sums = tensorBytes(run.total), all = sums.reduce((a, b) => a + b, 0);
  legend.replaceChildren(...TENSORS.map((tensor, i) => ({...tensor, bytes: sums[i]})).filter((t) => t.bytes > 0)
    .map((t) => el('li', {}, el('span', {class: 'swatch', style: {'--part': `var(${t.color})`}}), t.name, ' ',
      el('b', {}, formatBytes(t.bytes)), ' ', el('span', {class: 'quiet'}, formatPercent(t.bytes / all)))));
  if (!all) {
    host.replaceChildren(el('p', {}, 'Nothing moves between the chip and its memory.'));
    return;
  }
  drawResponsive(host, (width) => {
    const frame = chartFrame(width, 260, 'DRAM traffic of every layer by tensor', {left: 66, right: 12, top: 30, bottom: 46});
    const room = frame.plot.right - frame.plot.left;
    const per = Math.ceil(run.rows.length / (room / 3));
    const groups = [];
    for (let first = 0; first < run.rows.length; first += per) {
      const rows = run.rows.slice(first, first + per);
      groups.push({rows, bytes: TENSORS.map((_, i) => rows.reduce((sum, row) => sum + tensorBytes(row)[i], 0))});
    }
    const most = Math.max(...groups.map((group) => group.bytes.reduce((a, b) => a + b, 0)));
    const y = linearScale(0, most, frame.plot.bottom, frame.plot.top);
    const x = linearScale(0, run.rows.length, frame.plot.left, frame.plot.right);
    const step = 2 ** Math.floor(Math.log2(most / 4));
    drawYAxis(frame, y, Array.from({length: Math.floor(most / step) + 1}, (_, i) => i * step), (v) => formatTick(v, 'bytes'),
      per > 1 ? `bytes of ${per} layers` : 'bytes of a layer');
    drawXAxis(frame, x, x.ticks(width / 90).filter(Number.isInteger), formatCount, 'layers in the order of the run');
    const bars = groups.map((group, g) => {
      const left = x(g * per), right = x(Math.min(run.rows.length, (g + 1) * per));
      const node = svg('g', {class: 'column', role: 'button'});
      let sum = 0;
      group.bytes.forEach((bytes, i) => {
        if (!bytes) return;
        const top = y(sum + bytes);
        node.append(svg('rect', {x: left, width: Math.max(1, (right - left) * 0.86), y: top, height: y(sum) - top,
          style: {fill: `var(${TENSORS[i].color})`}}));
        sum += bytes;
      });
      node.append(svg('rect', {class: 'outline', x: left, width: right - left, y: frame.plot.top, height: frame.plot.bottom - frame.plot.top}));
      const {rows} = group;
      const lines = [rows.length > 1 ? `${rows[0].layer} … ${rows[rows.length - 1].layer}` : rows[0].layer, formatBytes(sum),
        ...TENSORS.map((tensor, i) => [tensor.name, group.bytes[i]]).filter(([, bytes]) => bytes > 0)
          .map(([name, bytes]) => `${name}: ${formatBytes(bytes)}`)];
      node.setAttribute('aria-label', lines.join('; '));
      frame.root.append(node);
      return {node, lines, index: rows[0].index};
    });
    makeRoving(bars.map((b) => b.node), (i) => tooltip.showAt(bars[i].node, bars[i].lines), (i) => run.select(bars[i].index));
    addTooltips(bars.map((b) => b.node), (i) => bars[i].lines);
    host.replaceChildren(frame.root);
  });
}
