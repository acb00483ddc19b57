// A table that sorts by its headings and shows the rows that match a search.
//
// columns: [{key, title, hint, unit, text(row), value(row), cell(row)}]: value sorts and decides alignment,
// text is searched and shown, cell (optional) makes the content.

class DataTable {
  constructor(columns, rows, options) {
    this.columns = columns;
    this.rows = rows;
    this.options = options;
    this.query = '';
    this.sortKey = options.sortKey ?? null;
    this.descending = options.descending ?? false;
    this.head = el('thead');
    this.body = el('tbody');
    this.status = el('p', {class: 'table-status', role: 'status'});
    this.node = el('div', {class: 'table-scroll', tabindex: '0', role: 'region', 'aria-label': options.caption},
      el('table', {}, el('caption', {class: 'visually-hidden'}, options.caption), this.head, this.body));
    this.render();
  }

  setColumns(columns) {
    this.columns = columns;
    this.render();
  }

  setRows(rows) {
    this.rows = rows;
    this.render();
  }

  search(query) {
    this.query = query.trim().toLowerCase();
    this.render();
  }

  sort(key) {
    const column = this.columns.find((c) => c.key === key);
    if (this.sortKey !== key) {
      this.sortKey = key;
      this.descending = this.isNumeric(column);
    } else if (this.descending === this.isNumeric(column)) {
      this.descending = !this.descending;
    } else {
      this.sortKey = null; // the third press: as it was
    }
    this.render();
    this.head.querySelector(`button[data-key="${CSS.escape(key)}"]`).focus();
  }

  isNumeric(column) {
    return this.rows.some((row) => typeof column.value(row) === 'number');
  }

  shown() {
    let rows = this.rows;
    if (this.query) rows = rows.filter((row) => this.options.searchText(row).toLowerCase().includes(this.query));
    const column = this.columns.find((c) => c.key === this.sortKey);
    if (!column) return rows;
    const sign = this.descending ? -1 : 1;
    return [...rows].sort((a, b) => {
      const x = column.value(a), y = column.value(b);
      if (x === y) return 0;
      if (x === null || x === undefined) return 1;
      if (y === null || y === undefined) return -1;
      return typeof x === 'number' && typeof y === 'number' ? sign * (x - y) : sign * String(x).localeCompare(String(y));
    });
  }

  renderHead() {
    this.head.replaceChildren(el('tr', {}, this.columns.map((column) => {
      const sorted = column.key === this.sortKey ? (this.descending ? 'descending' : 'ascending') : null;
      return el('th', {scope: 'col', 'aria-sort': sorted ?? 'none', class: this.isNumeric(column) ? 'number' : ''},
        el('button', {type: 'button', 'data-key': column.key, title: column.hint,
          on: {click: () => this.sort(column.key)}},
        column.title, el('span', {class: 'arrow', 'aria-hidden': 'true'}, {ascending: ' ▲', descending: ' ▼'}[sorted] ?? '')));
    })));
  }

  render() {
    this.renderHead();
    const all = this.shown(), limit = this.options.limit ?? Infinity;
    const rows = all.slice(0, limit);
    this.nodes = new Map(rows.map((row) => [row, this.build(row)]));
    this.body.replaceChildren(...[...this.nodes.values()].flat());
    this.status.textContent = `${formatCount(all.length)} of ${formatCount(this.rows.length)} ${this.options.noun}` +
      (all.length > limit ? `, the first ${limit} are listed` : '');
  }

  build(row) {
    return this.options.renderRow ? this.options.renderRow(row, this) : [this.renderRow(row)];
  }

  // Draws one row anew, if it is there.
  update(row) {
    const before = this.nodes.get(row);
    if (!before) return;
    const now = this.build(row);
    before[0].before(...now);
    before.forEach((node) => node.remove());
    this.nodes.set(row, now);
  }

  renderRow(row, attributes = {}) {
    return el('tr', attributes, this.columns.map((column, i) => {
      const content = column.cell ? column.cell(row) : column.text(row);
      const align = typeof column.value(row) === 'number' ? {class: 'number'} : {};
      return i === 0 ? el('th', {scope: 'row', ...align}, content) : el('td', align, content);
    }));
  }
}
