// The table of layers, and what is behind a row: mapping, bounds, account.

const SHORT_TITLES = {
  layer: 'layer', kind: 'kind', cycles: 'cycles', macs: 'MACs', mapping_utilisation: 'mapping', array_utilisation: 'array',
  mac_utilisation: 'MAC', distance: '× bound', binds: 'binds', dram_read_bytes: 'read', dram_write_bytes: 'written',
  operational_intensity: 'MAC/B',
};
const FIRST_COLUMNS = Object.keys(SHORT_TITLES);
const SHARES = ['mapping_utilisation', 'array_utilisation', 'mac_utilisation'];

function layerColumn(run, definition) {
  const {key, unit, meaning} = definition;
  const text = (row) => SHARES.includes(key) ? formatPercent(row[key])
    : key === 'macs' ? formatShort(row.macs) : definition.type === 'real' ? formatDigits(row[key]) : formatCell(row[key], unit);
  const column = {key, title: SHORT_TITLES[key] ?? key, hint: `${meaning}${unit ? ` (${unit})` : ''}`, text, value: (row) => row[key]};
  if (key === 'layer') column.cell = (row) => el('button', {type: 'button', class: 'row-button', 'data-layer': row.layer,
    'aria-expanded': String(run.selected === row.index), on: {click: () => run.select(run.selected === row.index ? -1 : row.index)}}, row.layer);
  if (key === 'cycles') column.cell = (row) => [el('span', {class: 'bar', style: {'--share': String(row.cycles / run.longest)}}), text(row)];
  return column;
}

function describeTile(op, out) {
  const [images, rows, cols] = op.tile;
  const parts = [`${images} image${images === 1 ? '' : 's'}`, `${rows} of ${out[1]} rows`, `${cols} of ${out[2]} columns`];
  return `${parts.join(' × ')}; ${formatCount(op.m_tiles)} such tile${op.m_tiles === 1 ? '' : 's'}`;
}

function describeOp(op, out) {
  const list = [['tile of M', describeTile(op, out)]];
  if (op.n_tiles) {
    list.push(['tiles of N', `${formatCount(op.n_tiles)}${op.diagonal ? ', diagonal: one channel a filter' : ''}`]);
    const listed = op.folds.reduce((sum, [count]) => sum + count, 0);
    const folds = op.folds.length ? `: ${op.folds.map(([count, rows]) => `${formatCount(count)} of ${formatCount(rows)}`).join(', ')}` +
      `${op.fold_count > listed ? ', …' : ''} rows of PEs` : '';
    list.push(['folds of K', `${formatCount(op.fold_count)}${folds}`]);
    list.push(['order', op.order === 'n' ? 'for each tile of N, all tiles of M'
      : `for each tile of M, all tiles of N${op.m_tiles > 1 ? '; weights come again for every tile of M' : ''}`]);
  }
  list.push(['operands', op.streams_in ? 'streamed from DRAM tile by tile' : 'resident in the unified buffer']);
  list.push(['result', op.streams_out ? 'streamed to DRAM' : 'resident in the unified buffer']);
  if (op.weight_bytes) list.push(['weights', `${formatBytes(op.weight_bytes)}, parameters ${formatBytes(op.param_bytes)}`]);
  if (op.candidates) {
    const [array, weights, vector, memory, tail] = op.estimate.map(formatCount);
    list.push(['why', `the cheapest of ${formatCount(op.candidates)} candidates by estimate: array ${array}, weights ${weights}, ` +
      `vector ${vector}, memory ${memory} cycles side by side, then ${tail}`]);
  }
  return el('dl', {}, list.map(([name, text]) => [el('dt', {}, name), el('dd', {}, text)]));
}

function drawBounds(row) {
  const bars = [['took', row.cycles, '--useful'], ['array bound', row.bound_array_cycles, '--binds-array'],
    ['memory bound', row.bound_memory_cycles, '--binds-memory'], ['vector bound', row.bound_vector_cycles, '--binds-vector']];
  const most = Math.max(1, ...bars.map((bar) => bar[1]));
  return el('div', {class: 'bars'}, bars.map(([name, cycles, color]) => [el('span', {}, name),
    el('span', {class: 'track'}, el('span', {style: {width: `${100 * cycles / most}%`, '--part': `var(${color})`}})),
    el('span', {class: 'number'}, formatCount(cycles))]));
}

function drawLayerDetail(run, row) {
  const layer = run.data.layers[row.layerNumber];
  const shape = `${row.kind}, output ${layer.out.join(' × ')}` + (row.gemm_count
    ? `; GEMM M ${formatCount(row.gemm_m)} × K ${formatCount(row.gemm_k)} × N ${formatCount(row.gemm_n)}` +
      (row.gemm_count > 1 ? `, ${formatCount(row.gemm_count)} of them` : '') : '');
  return el('div', {class: 'detail', id: 'layer-detail'},
    el('div', {class: 'detail-head'}, el('h3', {}, row.layer), el('p', {class: 'quiet'}, shape),
      el('p', {}, el('button', {type: 'button', on: {click: () => run.showInTimeline(row)}}, 'Show in the timeline'), ' ',
        el('button', {type: 'button', disabled: row.index === 0, on: {click: () => run.select(row.index - 1)}}, '← Previous'), ' ',
        el('button', {type: 'button', disabled: row.index + 1 === run.rows.length, on: {click: () => run.select(row.index + 1)}}, 'Next →'))),
    el('div', {class: 'columns'},
      el('div', {}, el('h4', {}, 'Mapping'), layer.ops.length
        ? layer.ops.slice(0, 4).map((op) => describeOp(op, layer.out)) : el('p', {}, 'No operation of its own: other layers do it in place.'),
      layer.ops.length > 4 ? el('p', {class: 'quiet'}, `and ${layer.ops.length - 4} more operations`) : null),
      el('div', {}, el('h4', {}, 'Cycles and bounds'), drawBounds(row), el('h4', {}, 'At MATMUL’s head'),
        row.charged ? drawAccountBar(row.causes, row.layer) : el('p', {}, 'The array never waited for it.'))));
}

function drawLayers(hosts, run) {
  const chosen = new Set(FIRST_COLUMNS);
  const columns = () => run.data.columns.filter((c) => chosen.has(c.key)).map((c) => layerColumn(run, c));
  const table = new DataTable(columns(), run.rows, {
    caption: 'Layers', noun: 'layers',
    searchText: (row) => `${row.layer} ${row.kind} ${row.binds}`,
    renderRow: (row, self) => {
      const open = run.selected === row.index;
      const rows = [self.renderRow(row, {class: open ? 'open' : '', 'data-row': row.index})];
      if (open) rows.push(el('tr', {class: 'detail-row'}, el('td', {colspan: self.columns.length}, drawLayerDetail(run, row))));
      return rows;
    },
  });
  hosts.search.addEventListener('input', () => table.search(hosts.search.value));
  hosts.choice.replaceChildren(...run.data.columns.map((column) => el('label', {title: column.meaning},
    el('input', {type: 'checkbox', checked: chosen.has(column.key), disabled: column.key === 'layer', on: {change: (event) => {
      if (event.target.checked) chosen.add(column.key);
      else chosen.delete(column.key);
      table.setColumns(columns());
    }}}), ' ', column.key)));
  hosts.table.replaceChildren(table.node, table.status);
  let open = -1;
  run.onSelect((index, focus) => {
    if (index >= 0 && table.query && !table.shown().some((row) => row.index === index)) {
      hosts.search.value = '';
      table.search('');
    }
    if (open >= 0) table.update(run.rows[open]);
    if (index >= 0) table.update(run.rows[index]);
    open = index;
    const button = table.body.querySelector(`tr[data-row="${index}"] .row-button`);
    if (!button || !focus) return;
    button.focus({preventScroll: true});
    table.node.scrollTop = button.closest('tr').offsetTop - table.head.offsetHeight - 4;
    table.node.scrollIntoView({block: 'nearest'});
  });
}
