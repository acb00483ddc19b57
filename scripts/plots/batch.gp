# Two panels over the batch: utilisation, and the time of a whole batch.
xs(c) = column("batch")
latency(c) = column("time_us") / 1e3
ys(c) = latency(0)
stats "data.csv" using (xs(0)):(ys(0)) nooutput
left = STATS_min_x; right = STATS_max_x
bottom = STATS_min_y / 1.5; top = STATS_max_y * 1.5
scaled(y) = log(y / bottom) / log(top / bottom)
apart = 0.06
load plots . "/lines.gp"
set logscale x
axis = "x"; base2 = 1; low = left; high = right
load plots . "/log_tics.gp"
set xrange [left:right]
set xlabel "batch size"
set tmargin at screen 0.78
set multiplot
set title "latency of the batch, ms" font font . ":Bold,18"
set lmargin at screen 0.49
set rmargin at screen 0.83
set logscale y
set yrange [bottom:top]
axis = "y"; base2 = 0; low = bottom; high = top
load plots . "/log_tics.gp"
plot for [g=1:groups] "data.csv" using (column("group") == g ? xs(0) : NaN):(latency(0)) with linespoints \
  linewidth 3 pointtype 7 pointsize 1.3 * ps linecolor rgb colour[g]
unset label
unset logscale y
set title "MAC utilisation, %" font font . ":Bold,18"
set lmargin at screen 0.06
set rmargin at screen 0.40
set yrange [0:100]
set ytics scale 1 autofreq
plot for [g=1:groups] "data.csv" using (column("group") == g ? xs(0) : NaN):(100 * column("mac_utilisation")) with linespoints \
  linewidth 3 pointtype 7 pointsize 1.3 * ps linecolor rgb colour[g]
unset multiplot
