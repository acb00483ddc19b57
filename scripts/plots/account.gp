# Each layer a column as wide as its share of the cycles, filled with its causes; at the right the whole run.
causes = "active non_matrix drain idle input_stall raw_stall accumulator_stall weight_stall weight_shift"
array fill[9] = [green, blue, "#5F5F5F", pale, purple, sky, yellow, red, orange]
set lmargin at screen 0.075
set rmargin at screen 0.985
set xrange [0:141]
set yrange [0:100]
set xtics 0,20,100 format "%g %%"
set ytics 0,20,100 format "%g %%"
set label 1 sprintf("layers in order, as wide as their share of the run's %.0f cycles", total_cycles) at 50,-11 center noenhanced
set border 2
unset grid
set style fill solid 1 noborder
# the whole run's column and its names, moved apart where shares are small
array low[9]; array at[9]
below = 0
last = -10
do for [i=1:9] {
  s = value(sprintf("share_%d", i))
  low[i] = below
  at[i] = max(below + s / 2, last + 5)
  if (s >= 0.05) { last = at[i] }
  below = below + s
}
over = last - 98
do for [j=1:9] {
  i = 10 - j
  if (value(sprintf("share_%d", i)) >= 0.05 && over > 0) { at[i] = min(at[i], 98 - (98 - (at[i] - over)) * 1.0); }
}
do for [i=1:9] {
  s = value(sprintf("share_%d", i))
  if (s > 0) { set object i rectangle from 102,low[i] to 107,low[i]+s fillstyle solid 1 noborder fillcolor rgb fill[i] }
  if (s >= 0.05) {
    set label 10+i sprintf("%s %.1f %%", value(sprintf("cause_%d", i)), s) at 111,at[i] left noenhanced
    set object 10+i rectangle from 108.4,at[i]-1.6 to 110.2,at[i]+1.6 fillstyle solid 1 noborder fillcolor rgb fill[i]
  }
}
set label 20 "whole run" at 104.5,103 center noenhanced
below_of(i) = i == 1 ? 0 : sum [j=1:i-1] column(word(causes, j))
named(c) = column("end_percent") - column("begin_percent") >= 3.5 ? stringcolumn("layer") : ""
plot for [i=1:9] "data.csv" using (0.5 * (column("begin_percent") + column("end_percent"))):(0): \
  (column("begin_percent")):(column("end_percent")):(below_of(i)):(below_of(i) + column(word(causes, i))) \
  with boxxyerror linecolor rgb fill[i], \
  "data.csv" using (rows <= 100 ? column("end_percent") : NaN):(0):(0):(100) with vectors nohead linewidth 0.5 linecolor "#ffffff", \
  "data.csv" using (0.5 * (column("begin_percent") + column("end_percent"))):(2):(named(0)) with labels rotate by 90 left font font . ",14" noenhanced
