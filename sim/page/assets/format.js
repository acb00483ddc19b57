// Numbers as text.

function formatCount(value) {
  return Math.round(value).toLocaleString('en-US');
}

// Three significant digits and a prefix: 1.23 M
function formatShort(value) {
  if (value === 0) return '0';
  const units = ['', ' k', ' M', ' G', ' T', ' P'];
  let i = 0, size = Math.abs(value);
  while (size >= 999.5 && i + 1 < units.length) {
    size /= 1000;
    i++;
  }
  return (value < 0 ? '-' : '') + formatDigits(size) + units[i];
}

function formatBytes(value) {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
  let i = 0, size = value;
  while (size >= 1023.5 && i + 1 < units.length) {
    size /= 1024;
    i++;
  }
  return `${i ? formatDigits(size) : formatCount(size)} ${units[i]}`;
}

function formatDigits(value) {
  const size = Math.abs(value);
  if (size === 0) return '0';
  if (size >= 100) return value.toFixed(0);
  if (size >= 10) return value.toFixed(1);
  if (size >= 0.1) return value.toFixed(2);
  return value.toPrecision(2);
}

function formatPercent(share) {
  const percent = 100 * share;
  return `${percent >= 99.95 || percent === 0 ? percent.toFixed(0) : percent.toFixed(1)} %`;
}

function formatSeconds(seconds) {
  if (seconds >= 1) return `${formatDigits(seconds)} s`;
  if (seconds >= 1e-3) return `${formatDigits(seconds * 1e3)} ms`;
  return `${formatDigits(seconds * 1e6)} µs`;
}

// A place on an axis: no zeros behind the point.
function formatTick(value, unit = '') {
  const number = (size) => String(+size.toPrecision(3));
  if (value === 0) return '0';
  const [units, base] = unit === 'bytes' ? [[' B', ' KiB', ' MiB', ' GiB', ' TiB'], 1024] : [['', ' k', ' M', ' G', ' T', ' P'], 1000];
  let i = 0, size = Math.abs(value);
  while (size >= base * 0.9995 && i + 1 < units.length) {
    size /= base;
    i++;
  }
  return (value < 0 ? '−' : '') + number(size) + units[i];
}

// A figure by its column's unit; '' for nothing.
function formatCell(value, unit) {
  if (value === null || value === undefined) return '';
  if (typeof value !== 'number') return String(value);
  if (unit === 'bytes') return formatBytes(value);
  if (unit === 'Hz') return `${formatShort(value)}Hz`;
  if (unit === 'bytes/s') return `${formatShort(value)}B/s`;
  return Number.isInteger(value) ? formatCount(value) : formatDigits(value);
}
