# Two panels over the unified buffer's size: traffic and time.
MiB = 1048576.0
xs(c) = column("buffer_bytes") / MiB
traffic(c) = (column("dram_read_bytes") + column("dram_write_bytes")) / MiB
stats "data.csv" using (traffic(0)) nooutput
least = STATS_min / 1.5; most = STATS_max * 1.5
ys(c) = column("time_us") / 1e3
stats "data.csv" using (xs(0)):(ys(0)) nooutput
left = STATS_min_x; right = STATS_max_x
bottom = STATS_min_y / 1.5; top = STATS_max_y * 1.5
scaled(y) = log(y / bottom) / log(top / bottom)
apart = 0.06
load plots . "/lines.gp"
set logscale xy
axis = "x"; base2 = 1; low = left; high = right
load plots . "/log_tics.gp"
axis = "y"; base2 = 0
set xrange [left:right]
set xlabel "unified buffer, MiB"
set tmargin at screen 0.78
set multiplot
set title "time per pass, ms" font font . ":Bold,18"
set lmargin at screen 0.49
set rmargin at screen 0.83
set yrange [bottom:top]
low = bottom; high = top
load plots . "/log_tics.gp"
plot for [g=1:groups] "data.csv" using (column("group") == g ? xs(0) : NaN):(ys(0)) with linespoints \
  linewidth 3 pointtype 7 pointsize 1.3 * ps linecolor rgb colour[g]
unset label
set title "DRAM traffic, MiB" font font . ":Bold,18"
set lmargin at screen 0.07
set rmargin at screen 0.40
set yrange [least:most]
low = least; high = most
load plots . "/log_tics.gp"
plot for [g=1:groups] "data.csv" using (column("group") == g ? xs(0) : NaN):(traffic(0)) with linespoints \
  linewidth 3 pointtype 7 pointsize 1.3 * ps linecolor rgb colour[g]
unset multiplot
