# Both machines: as a picture one above the other in space and time, as frames or a film side by side.
lines = 0.25; waiting = 2; large = "15"; small = "14"
if (format eq "gif" || frame >= 0) {
  from = frame >= 0 ? frame : first_cycle
  to = frame >= 0 ? frame : last_cycle
  do for [t=from:to] {
    set multiplot
    set label 1 sprintf("cycle %d", t) at screen 0.97,0.955 right font font . ":Bold,24"
    do for [m=1:2] {
      left = m == 1 ? 0.0 : 0.5; right = left + 0.485
      set label 2 value(sprintf("machine_%d", m)) . (t >= value(sprintf("done_%d", m)) ? ": done" : "") at graph 0.5,screen 0.845 center font font . ":Bold,18"
      load plots . "/grid.gp"
      unset label
    }
    unset multiplot
    set label 1001 title at screen 0.02,0.955 left font font . ":Bold,24" noenhanced
    set label 1002 subtitle at screen 0.02,0.905 left textcolor "#404040" noenhanced
    set label 1004 version at screen 0.985,0.022 right font font . ",15" textcolor "#606060" noenhanced
  }
} else {
  set label 1 "a cell's colour: the row of activations; red dot: a weight arrives; black edge: the PE takes it up" \
    at screen 0.02,0.022 left font font . ",15" textcolor "#606060"
  names = 0
  set multiplot
  do for [m=1:2] {
    set tmargin at screen (m == 1 ? 0.82 : 0.45)
    set bmargin at screen (m == 1 ? 0.54 : 0.17)
    set format x (m == 1 ? "" : "%g")
    set label 2 value(sprintf("machine_%d", m)) . sprintf(": done in cycle %d", value(sprintf("done_%d", m)) - 1) at graph 0,graph 1.08 left font font . ":Bold,17"
    if (m == 2) { set xlabel "cycle" offset 0,0.3 }
    load plots . "/spacetime.gp"
    unset label
  }
  unset multiplot
}
