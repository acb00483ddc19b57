# As a picture: space and time. As frames or a film: the array with its numbers, cycle by cycle.
m = 1
lines = 0.28; waiting = 4; large = "17"; small = "14"; left = 0.08; right = 0.92
if (format eq "gif" || frame >= 0) {
  from = frame >= 0 ? frame : first_cycle
  to = frame >= 0 ? frame : last_cycle
  do for [t=from:to] {
    set label 1 sprintf("cycle %d", t) at screen 0.97,0.955 right font font . ":Bold,24"
    set label 2 "activations wait for their cycle" at first -waiting + 0.1,-0.35 left font font . ",15" textcolor "#606060"
    set label 3 "activation x weight + the sum from above" at first pe_cols,-0.35 right font font . ",15" textcolor "#606060"
    set label 4 "sums in the accumulators" at first -0.15,pe_rows + 0.2 + (1.2 + 0.5 * (outputs - 1)) * lines right font font . ",15" textcolor "#606060"
    load plots . "/grid.gp"
  }
} else {
  set label 1 "a cell's number and colour: the row of activations; red dot: a weight arrives; black edge: the PE takes it up" \
    at screen 0.02,0.022 left font font . ",15" textcolor "#606060"
  unset label 1003
  set ylabel "PE (row, column)" offset 0.5
  set bmargin at screen 0.17
  set xlabel "cycle" offset 0,0.3
  set ytics font font . ",14"
  names = 1
  load plots . "/spacetime.gp"
}
