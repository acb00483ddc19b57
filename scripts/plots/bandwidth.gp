# Time over bandwidth, both logarithmic.
xs(c) = column("bytes_per_s") / 1e9
ys(c) = column("time_us") / 1e3
stats "data.csv" using (xs(0)):(ys(0)) nooutput
left = STATS_min_x; right = STATS_max_x
bottom = STATS_min_y / 1.5; top = STATS_max_y * 1.5
scaled(y) = log(y / bottom) / log(top / bottom)
apart = 0.055
load plots . "/lines.gp"
set rmargin at screen 0.8
set logscale xy
set xrange [left:right]
set yrange [bottom:top]
axis = "x"; base2 = 1; low = left; high = right
load plots . "/log_tics.gp"
axis = "y"; base2 = 0; low = bottom; high = top
load plots . "/log_tics.gp"
set xlabel "memory bandwidth, GB/s"
set ylabel "time per pass, ms" offset 0.5
plot for [g=1:groups] "data.csv" using (column("group") == g ? xs(0) : NaN):(ys(0)) with linespoints \
  linewidth 3 pointtype 7 pointsize 1.3 * ps linecolor rgb colour[g]
