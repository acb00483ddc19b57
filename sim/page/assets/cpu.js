// The machine beside a measured CPU: times of the network, speed-up of every layer.

const CPU_TYPES = ['int8', 'bf16', 'fp32'];

function drawCpu(hosts, run) {
  const {comparison} = run.data;
  const types = CPU_TYPES.filter((type) => comparison.total[`cpu_${type}_us`] !== null);
  hosts.text.replaceChildren(`${comparison.machine}, simulated, against ${comparison.host}, measured: `,
    types.map((type) => `${type} by ${comparison.cpu[type].provider} (${comparison.cpu[type].isa}, ${comparison.cpu[type].threads} ` +
      `thread${comparison.cpu[type].threads === 1 ? '' : 's'})`).join(', '), '. Only int8 is the same data type on both.');
  const bars = [['array, int8', comparison.total.array_us, '--useful'],
    ...types.map((type) => [`CPU, ${type}`, comparison.total[`cpu_${type}_us`], `--cpu-${type}`])];
  const most = Math.max(...bars.map((bar) => bar[1]));
  hosts.bars.replaceChildren(...bars.flatMap(([name, us, color]) => [el('span', {}, name),
    el('span', {class: 'track'}, el('span', {style: {width: `${100 * us / most}%`, '--part': `var(${color})`}})),
    el('span', {class: 'number'}, `${formatSeconds(us / 1e6)} (${formatDigits(us / comparison.total.array_us)} ×)`)]));
  drawSpeedups(hosts.chart, run, types);
}

// A mark a layer and type on a log scale; 1 is a line.
function drawSpeedups(host, run, types) {
  const layers = run.data.comparison.layers.map((layer) => ({...layer, index: run.rows.findIndex((row) => row.layer === layer.layer)}))
    .filter((layer) => layer.index >= 0);
  const points = layers.flatMap((layer, i) => types.map((type) => ({layer, i, type, value: layer[`speedup_${type}`]})))
    .filter((point) => point.value > 0 && Number.isFinite(point.value));
  if (!points.length) {
    host.replaceChildren(el('p', {}, 'No layer was measured on both.'));
    return;
  }
  const shapes = {int8: 'circle', bf16: 'triangle', fp32: 'square'};
  drawResponsive(host, (width) => {
    const frame = chartFrame(width, 300, 'Speed-up of every layer over the CPU', {left: 56, right: 12, top: 34, bottom: 46});
    const [low, high] = decades([...points.map((point) => point.value), 1]);
    const x = linearScale(0, layers.length, frame.plot.left, frame.plot.right);
    const y = logScale(low, high, frame.plot.bottom, frame.plot.top);
    drawYAxis(frame, y, y.ticks(6), formatTick, 'CPU time / array time');
    drawXAxis(frame, x, x.ticks(width / 90).filter(Number.isInteger), formatCount, 'layers in the order of the run');
    frame.root.append(svg('line', {class: 'roof', x1: frame.plot.left, x2: frame.plot.right, y1: y(1), y2: y(1)}),
      svg('text', {class: 'roof-label', x: frame.plot.right - 4, y: y(1) - 6, 'text-anchor': 'end'}, 'equal'));
    const nodes = points.map((point) => {
      const node = svg('path', {class: 'mark', role: 'button', d: markPath(shapes[point.type], x(point.i + 0.5), y(point.value), 5),
        style: {fill: `var(--cpu-${point.type})`}});
      point.lines = [point.layer.layer, `${formatDigits(point.value)} × over the CPU in ${point.type}`,
        `array ${formatSeconds(point.layer.array_us / 1e6)}, CPU ${formatSeconds(point.layer[`cpu_${point.type}_us`] / 1e6)}`];
      node.setAttribute('aria-label', point.lines.join('; '));
      frame.root.append(node);
      return node;
    });
    makeRoving(nodes, (i) => tooltip.showAt(nodes[i], points[i].lines), (i) => run.select(points[i].layer.index));
    addTooltips(nodes, (i) => points[i].lines);
    host.replaceChildren(frame.root, el('ul', {class: 'legend'}, types.map((type) => el('li', {},
      svg('svg', {width: 16, height: 16, 'aria-hidden': 'true'}, svg('path', {d: markPath(shapes[type], 8, 8, 5), style: {fill: `var(--cpu-${type})`}})), `CPU in ${type}`))));
  });
}
