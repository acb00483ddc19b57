// The page of a sweep: filters, the scatter plot, the table, the points that were not simulated.

const LARGER_IS_BETTER = /utilisation|intensity|macs|bytes_per_cycle/;

function makeSweep(data) {
  const {columns, rows} = data.points;
  const toObject = (values, index) => ({...Object.fromEntries(columns.map((column, i) => [column.key, values[i]])), index});
  const sweep = {data, columns, rows: rows.map(toObject), selected: null};
  const byKey = new Map(columns.map((column) => [column.key, column]));
  sweep.unit = (key) => byKey.get(key).unit;
  sweep.label = (key) => `${key}${byKey.get(key).unit ? ` (${byKey.get(key).unit})` : ''}`;
  sweep.values = (key) => new Set(sweep.rows.map((row) => row[key]));
  sweep.isNumeric = (key) => sweep.rows.some((row) => typeof row[key] === 'number');
  // what was varied, without the points' names
  sweep.inputs = columns.filter((column) => !column.figure && column.key !== 'id' && column.key !== 'sram_bytes');
  sweep.shown = (key) => ['id', 'cycles', 'mac_utilisation', 'sram_bytes', 'distance', 'dram_read_bytes', 'dram_write_bytes'].includes(key) ||
    sweep.inputs.some((column) => column.key === key);
  sweep.describe = (row) => [row.id, ...sweep.inputs.map(({key}) => `${key} ${formatCell(row[key], sweep.unit(key))}`),
    `cycles ${formatCount(row.cycles)}`, `MAC utilisation ${formatPercent(row.mac_utilisation)}`, `on-chip memory ${formatBytes(row.sram_bytes)}`];
  return sweep;
}

// A list of check boxes for each input of few values; returns a test of a row.
function makeListFilters(host, sweep, changed) {
  const lists = sweep.inputs.map(({key}) => ({key, values: [...sweep.values(key)]})).filter(({values}) => values.length > 1 && values.length <= 40);
  for (const list of lists) {
    list.values.sort((a, b) => (typeof a === 'number' ? a - b : String(a).localeCompare(String(b))));
    list.off = new Set();
    list.summary = el('summary', {}, list.key);
    const boxes = list.values.map((value) => el('label', {}, el('input', {type: 'checkbox', checked: true, on: {change: (event) => {
      if (event.target.checked) list.off.delete(value);
      else list.off.add(value);
      list.summary.textContent = list.off.size ? `${list.key} (${list.values.length - list.off.size} of ${list.values.length})` : list.key;
      changed();
    }}}), ' ', formatCell(value, sweep.unit(list.key)) || '(none)'));
    host.append(el('details', {class: 'choice'}, list.summary, el('fieldset', {}, el('legend', {class: 'visually-hidden'}, list.key), el('div', {}, boxes))));
  }
  if (!lists.length) host.append(el('span', {class: 'quiet'}, 'All points have the same inputs.'));
  const passes = (row) => lists.every((list) => !list.off.has(row[list.key]));
  passes.clear = () => {
    for (const box of host.querySelectorAll('input')) if (!box.checked) box.click();
  };
  return passes;
}

function fillSelect(select, options, chosen) {
  select.replaceChildren(...options.map(([value, text]) => el('option', {value, selected: value === chosen}, text)));
}

function startPlot(sweep, filtered) {
  const numbers = sweep.columns.filter((column) => sweep.isNumeric(column.key)).map(({key}) => [key, key]);
  const [x, y, color] = ['axis-x', 'axis-y', 'color-by'].map(byId);
  fillSelect(x, numbers, 'sram_bytes');
  fillSelect(y, numbers, 'cycles');
  fillSelect(color, [['', 'all the same'], ...sweep.inputs.map(({key}) => [key, key])], sweep.values('network').size > 1 ? 'network' : '');
  byId('log-y').checked = true;
  const scatter = new Scatter({chart: byId('scatter'), legend: byId('scatter-legend')}, sweep);
  const update = () => {
    scatter.update(filtered(), {x: x.value, y: y.value, color: color.value, logX: byId('log-x').checked, logY: byId('log-y').checked,
      moreX: byId('more-x').checked, moreY: byId('more-y').checked});
    sweep.front = new Set(scatter.front);
  };
  const axisChanged = (axis, box) => {
    box.checked = LARGER_IS_BETTER.test(axis.value);
    sweep.refresh();
  };
  x.addEventListener('change', () => axisChanged(x, byId('more-x')));
  y.addEventListener('change', () => axisChanged(y, byId('more-y')));
  for (const id of ['log-x', 'log-y', 'more-x', 'more-y', 'color-by']) byId(id).addEventListener('change', () => sweep.refresh());
  return update;
}

function startTable(sweep) {
  const chosen = new Set(sweep.columns.filter(({key}) => sweep.shown(key)).map(({key}) => key));
  const columns = () => sweep.columns.filter(({key}) => chosen.has(key)).map(({key, unit, meaning}) => ({key, title: key,
    hint: `${meaning}${unit ? ` (${unit})` : ''}`, value: (row) => row[key],
    text: (row) => /utilisation/.test(key) ? formatPercent(row[key]) : formatCell(row[key], unit)}));
  const table = new DataTable(columns(), [], {caption: 'Points', noun: 'points', limit: 300, sortKey: 'cycles',
    searchText: (row) => sweep.describe(row).join(' '),
    renderRow: (row, self) => [self.renderRow(row, {class: sweep.selected === row ? 'open' : '', 'data-point': row.id})]});
  byId('point-search').addEventListener('input', (event) => table.search(event.target.value));
  byId('point-columns').replaceChildren(...sweep.columns.map(({key, meaning}) => el('label', {title: meaning},
    el('input', {type: 'checkbox', checked: chosen.has(key), disabled: key === 'id', on: {change: (event) => {
      if (event.target.checked) chosen.add(key);
      else chosen.delete(key);
      table.setColumns(columns());
    }}}), ' ', key)));
  byId('point-table').replaceChildren(table.node, table.status);
  sweep.select = (row) => {
    sweep.selected = row;
    tooltip.hide();
    byId('point-search').value = row.id;
    table.search(row.id);
    byId('point-search').focus({preventScroll: true});
    byId('points').scrollIntoView();
  };
  return table;
}

function startRefused(sweep) {
  const {columns = [], rows = [], more} = sweep.data.refused;
  byId('refused').hidden = byId('refused-link').hidden = !rows.length;
  if (!rows.length) return;
  const table = new DataTable(columns.map(({key}, i) => ({key, title: key, hint: key, value: (row) => row.values[i], text: (row) => String(row.values[i] ?? '')})),
    rows.map((values) => ({values})), {caption: 'Points that were not simulated', noun: more ? 'points, the first of more' : 'points', searchText: () => ''});
  byId('refused-table').replaceChildren(table.node, table.status);
}

function start() {
  const sweep = makeSweep(readData()), {data} = sweep;
  theme.start(byId('theme'));
  byId('title').textContent = data.store;
  byId('subtitle').textContent = `${formatCount(sweep.rows.length)} points${data.points.more ? ', the fastest of more' : ''}` +
    (data.where ? ` where ${data.where}` : '');
  byId('made-by').textContent = data.made_by;
  byId('command').textContent = data.command;
  const passesLists = makeListFilters(byId('filter-lists'), sweep, () => sweep.refresh());
  const [column, from, to] = ['limit-column', 'limit-from', 'limit-to'].map(byId);
  fillSelect(column, sweep.columns.filter(({key}) => sweep.isNumeric(key)).map(({key}) => [key, sweep.label(key)]), 'cycles');
  const passes = (row) => passesLists(row) && (from.value === '' || row[column.value] >= Number(from.value)) &&
    (to.value === '' || row[column.value] <= Number(to.value));
  let rows = sweep.rows;
  const updatePlot = startPlot(sweep, () => rows), table = startTable(sweep);
  sweep.refresh = () => {
    rows = sweep.rows.filter(passes);
    updatePlot();
    table.setRows(byId('front-only').checked ? rows.filter((row) => sweep.front.has(row)) : rows);
    byId('filter-status').textContent = `${formatCount(rows.length)} of ${formatCount(sweep.rows.length)} points, ${formatCount(sweep.front.size)} on the front`;
  };
  for (const input of [column, from, to]) input.addEventListener('input', sweep.refresh);
  byId('front-only').addEventListener('change', sweep.refresh);
  byId('filter-clear').addEventListener('click', () => {
    from.value = to.value = '';
    passesLists.clear();
    sweep.refresh();
  });
  startRefused(sweep);
  sweep.refresh();
}

start();
