// Scales, axes and the frame of a chart.

function linearScale(from, to, first, last) {
  const scale = (value) => first + (value - from) / (to - from || 1) * (last - first);
  scale.ticks = (count, unit = '') => {
    const step = niceStep((to - from) / Math.max(1, count), unit);
    const ticks = [];
    for (let i = Math.ceil(from / step - 1e-9); i * step <= to * (1 + 1e-12); i++) ticks.push(i * step || 0);
    return ticks;
  };
  return scale;
}

function niceStep(rough, unit) {
  if (unit === 'bytes') return 2 ** Math.ceil(Math.log2(rough || 1));
  const power = 10 ** Math.floor(Math.log10(rough || 1));
  const part = rough / power;
  return (part <= 1 ? 1 : part <= 2 ? 2 : part <= 5 ? 5 : 10) * power;
}

function logScale(from, to, first, last) {
  const low = Math.log10(from), high = Math.log10(to);
  const scale = (value) => first + (Math.log10(value) - low) / (high - low || 1) * (last - first);
  scale.ticks = (count) => {
    const every = Math.max(1, Math.ceil((high - low) / Math.max(1, count)));
    const parts = (high - low) * 3 <= count ? [1, 2, 5] : [1];
    const ticks = [];
    for (let power = Math.floor(low); power <= high + 1e-9; power += every)
      ticks.push(...parts.map((part) => part * 10 ** power).filter((tick) => tick >= from * 0.999 && tick <= to * 1.001));
    return ticks;
  };
  return scale;
}

// The decades around some positive values.
function decades(values) {
  const low = Math.floor(Math.log10(Math.min(...values))), high = Math.ceil(Math.log10(Math.max(...values)));
  return [10 ** low, 10 ** (high > low ? high : low + 1)];
}

// An empty chart: {root, plot: {left, right, top, bottom}}. Title is what a screen reader says.
function chartFrame(width, height, title, margin) {
  const plot = {left: margin.left, right: width - margin.right, top: margin.top, bottom: height - margin.bottom};
  // a group, not an image: what is in it can be focused
  const root = svg('svg', {width, height, viewBox: `0 0 ${width} ${height}`, role: 'group', 'aria-label': title,
    class: 'chart'}, svg('title', {}, title));
  return {root, plot};
}

function drawXAxis(frame, scale, ticks, format, label) {
  const {plot} = frame;
  const axis = svg('g', {class: 'axis', 'aria-hidden': 'true'});
  for (const tick of ticks) {
    const x = scale(tick);
    axis.append(svg('line', {x1: x, x2: x, y1: plot.top, y2: plot.bottom, class: 'grid'}),
      svg('text', {x, y: plot.bottom + 17, 'text-anchor': 'middle'}, format(tick)));
  }
  axis.append(svg('line', {x1: plot.left, x2: plot.right, y1: plot.bottom, y2: plot.bottom, class: 'base'}),
    svg('text', {x: (plot.left + plot.right) / 2, y: plot.bottom + 36, 'text-anchor': 'middle', class: 'label'}, label));
  frame.root.append(axis);
}

function drawYAxis(frame, scale, ticks, format, label) {
  const {plot} = frame;
  const axis = svg('g', {class: 'axis', 'aria-hidden': 'true'});
  for (const tick of ticks) {
    const y = scale(tick);
    axis.append(svg('line', {x1: plot.left, x2: plot.right, y1: y, y2: y, class: 'grid'}),
      svg('text', {x: plot.left - 8, y: y + 4, 'text-anchor': 'end'}, format(tick)));
  }
  axis.append(svg('text', {x: plot.left - 8, y: plot.top - 12, class: 'label y-label'}, label));
  frame.root.append(axis);
}

// Shapes of the same area, so that colour is not all that tells points apart.
function markPath(shape, x, y, r) {
  if (shape === 'square') return `M${x - r * 0.89} ${y - r * 0.89}h${r * 1.78}v${r * 1.78}h${-r * 1.78}z`;
  if (shape === 'triangle') return `M${x} ${y - r * 1.3}l${r * 1.2} ${r * 2.1}h${-r * 2.4}z`;
  return `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0z`;
}

// Neighbours joined until each group is at least `least` wide: [{first, last, size}], of sizes.
function joinNarrow(sizes, least) {
  const groups = [];
  let open = null;
  sizes.forEach((size, i) => {
    if (!size) return;
    if (open && open.size < least) {
      open.last = i;
      open.size += size;
    } else {
      groups.push(open = {first: i, last: i, size});
    }
  });
  return groups;
}
