// The run in a few figures and sentences, the machine, its memories.

function drawCards(host, run) {
  const {total, machine, data} = run;
  const seconds = total.time_us / 1e6, peak = run.pes * machine.clock_hz;
  const cards = [
    ['Time', formatSeconds(seconds), `${formatCount(total.cycles)} cycles at ${formatShort(machine.clock_hz)}Hz`],
    ['Throughput', `${formatShort(data.batch / seconds)}/s`, data.batch > 1 ? `images or sequences, batch ${data.batch}` : 'runs of the network, batch 1'],
    ['MAC utilisation', formatPercent(total.mac_utilisation), `${formatShort(2 * total.macs / seconds)}OP/s of ${formatShort(2 * peak)}OP/s`],
    ['Above the bound', `${formatDigits(total.distance)} ×`, `cycles / sum of the layers’ bounds`],
    ['Memory traffic', formatBytes(total.dram_read_bytes + total.dram_write_bytes),
      `${formatDigits(total.bytes_per_cycle)} of ${formatDigits(machine.bytes_per_cycle)} bytes a cycle`],
    ['Intensity', `${formatDigits(total.operational_intensity)}`, `MAC a byte; the ridge is at ${formatDigits(run.pes / machine.bytes_per_cycle)}`],
  ];
  host.replaceChildren(...cards.map(([name, value, note]) => el('div', {class: 'card'},
    el('h3', {}, name), el('p', {class: 'figure'}, value), el('p', {class: 'quiet'}, note))));
}

// What a reader would say who knows the figures.
function describeRun(run) {
  const {rows, total} = run;
  const worst = CAUSES.map((cause, i) => ({...cause, cycles: total.causes[i]})).slice(1)
    .sort((a, b) => b.cycles - a.cycles)[0];
  const slowest = [...rows].sort((a, b) => b.cycles - a.cycles)[0];
  const bound = {};
  for (const row of rows) if (row.macs || row.cycles) bound[row.binds] = (bound[row.binds] ?? 0) + row.cycles;
  const [binds, cycles] = Object.entries(bound).sort((a, b) => b[1] - a[1])[0] ?? ['array', 0];
  const words = {array: 'by the array', memory: 'by memory bandwidth', vector: 'by the vector unit'};
  return [`The PEs do useful work in ${formatPercent(total.causes[0] / total.charged)} of their cycles; ` +
    `the largest loss is ${worst.name} (${formatPercent(worst.cycles / total.charged)}). `,
  `${formatPercent(cycles / total.cycles)} of the time goes to layers that are bound ${words[binds] ?? binds}. `,
  slowest && slowest.cycles ? `The longest layer is ${slowest.layer}, ${formatPercent(slowest.cycles / total.cycles)} of the run.` : ''];
}

function drawPeaks(host, peaks) {
  host.replaceChildren(...peaks.map(([name, unit, used, size]) => {
    const show = (value) => unit === 'bytes' ? formatBytes(value) : formatCount(value);
    return el('div', {class: 'meter'}, el('span', {}, name),
      el('meter', {min: 0, max: size, value: Math.min(used, size), 'aria-label': `${name}: ${show(used)} of ${show(size)}`}),
      el('span', {class: 'quiet'}, `${show(used)} of ${show(size)}${unit === 'bytes' ? '' : ` ${unit}`}`));
  }));
}

function drawMachine(host, machine) {
  host.replaceChildren(el('div', {class: 'table-scroll', tabindex: '0', role: 'region', 'aria-label': 'Parameters'},
    el('table', {}, el('tbody', {}, machine.params.map(([name, value, meaning]) =>
      el('tr', {}, el('th', {scope: 'row'}, el('code', {}, name)), el('td', {class: 'nowrap'}, value),
        el('td', {class: 'quiet'}, meaning)))))));
}
