# MAC utilisation over the side of square arrays.
xs(c) = column("size")
ys(c) = 100 * column("mac_utilisation")
scaled(y) = y / 100.0
apart = 0.055
load plots . "/lines.gp"
stats "data.csv" using (xs(0)) nooutput
low = STATS_min; high = STATS_max
set rmargin at screen 0.8
set logscale x
axis = "x"; base2 = 1
load plots . "/log_tics.gp"
set xrange [low:high]
set yrange [0:100]
set ylabel "MAC utilisation, %" offset 1
set xlabel "rows = columns of the array"
plot for [g=1:groups] "data.csv" using (column("group") == g ? xs(0) : NaN):(ys(0)) with linespoints \
  linewidth 3 pointtype 7 pointsize 1.3 * ps linecolor rgb colour[g]
