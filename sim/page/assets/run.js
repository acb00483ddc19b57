// The page of a run: makes rows from the data, and starts its parts.

function makeRun(data) {
  const toObject = (values) => Object.fromEntries(data.columns.map((column, i) => [column.key, values[i]]));
  const run = {data, machine: data.machine, pes: data.machine.rows * data.machine.cols, selected: -1, listeners: []};
  run.total = toObject(data.total);
  run.rows = data.rows.map((values, index) => ({...toObject(values), index, layerNumber: data.row_layers[index]}));
  for (const row of [...run.rows, run.total]) addCauses(row, run.pes);
  run.longest = Math.max(1, ...run.rows.map((row) => row.cycles));
  run.onSelect = (listener) => run.listeners.push(listener);
  run.select = (index, focus = true) => {
    run.selected = index;
    tooltip.hide();
    for (const listener of run.listeners) listener(index, focus);
  };
  return run;
}

function start() {
  const run = makeRun(readData()), {data} = run;
  theme.start(byId('theme'));
  byId('title').textContent = data.network;
  byId('subtitle').textContent = `on ${data.machine.name}: ${data.machine.rows} × ${data.machine.cols} PEs at ` +
    `${formatShort(data.machine.clock_hz)}Hz, batch ${data.batch}`;
  byId('made-by').textContent = data.made_by;
  byId('command').textContent = data.command;

  drawCards(byId('cards'), run);
  byId('words').replaceChildren(...describeRun(run));
  drawPeaks(byId('peaks'), data.peaks);
  drawMachine(byId('machine-parameters'), data.machine);
  byId('account').replaceChildren(drawAccountBar(run.total.causes, 'Cycle account of the run'));
  drawAccountOverRun(byId('account-chart'), run);
  drawUtilisation(byId('utilisation-chart'), run);
  drawRoofline(byId('roofline-chart'), byId('roofline-legend'), run);
  drawTraffic(byId('traffic-chart'), byId('traffic-legend'), run);
  drawLayers({search: byId('layer-search'), choice: byId('layer-columns'), table: byId('layer-table')}, run);

  const timeline = new Timeline({chart: byId('timeline-chart'), range: byId('timeline-range'), readout: byId('timeline-readout'),
    buttons: [...document.querySelectorAll('#timeline button')]}, run);
  run.showInTimeline = (row) => {
    timeline.show(row.layerNumber);
    byId('timeline').scrollIntoView();
    timeline.canvas.focus({preventScroll: true});
  };
  run.onSelect(() => timeline.draw(timeline.canvas.clientWidth));

  new Wavefront({choice: byId('wavefront-choice'), buttons: [...document.querySelectorAll('#wavefront button')], slider: byId('wavefront-slider'),
    speed: byId('wavefront-speed'), stage: byId('wavefront-stage'), array: byId('wavefront-array'), matrices: byId('wavefront-matrices'),
    occupancy: byId('wavefront-occupancy'), text: byId('wavefront-text')}, data.wavefronts);

  byId('cpu').hidden = !data.comparison;
  byId('cpu-link').hidden = !data.comparison;
  if (data.comparison) drawCpu({text: byId('cpu-text'), bars: byId('cpu-bars'), chart: byId('cpu-chart')}, run);
}

start();
