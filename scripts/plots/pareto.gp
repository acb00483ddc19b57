# All points pale, the front as steps, its points named by their arrays where there is room.
array column_name[2] = [x_name, y_name]
array factor[2] = [1, 1]
array axis_text[2]
do for [i=1:2] {
  axis_text[i] = column_name[i]
  if (strstrt(column_name[i], "bytes") || column_name[i] eq "unified_buffer_size") { factor[i] = 1 / 1048576.0; axis_text[i] = column_name[i] eq "sram_bytes" ? "memory on chip, MiB" : column_name[i] . ", MiB" }
  if (column_name[i] eq "time_us") { factor[i] = 1e-3; axis_text[i] = "time per pass, ms" }
}
set xlabel axis_text[1] noenhanced
set ylabel axis_text[2] offset -0.3 noenhanced
xs(c) = column("x") * factor[1]
ys(c) = column("y") * factor[2]
stats "data.csv" using (xs(0)):(ys(0)) nooutput
# an axis over more than a factor of five is logarithmic
x_low = STATS_min_x; x_high = STATS_max_x; y_low = STATS_min_y; y_high = STATS_max_y
base2 = 0
if (x_low > 0 && x_high > 5 * x_low) {
  set logscale x
  low = x_low / 1.2; high = x_high * 1.5; axis = "x"
  load plots . "/log_tics.gp"
} else { low = x_low - 0.05 * (x_high - x_low); high = x_high + 0.15 * (x_high - x_low) }
if (high > low) { set xrange [low:high] }
if (y_low > 0 && y_high > 5 * y_low) {
  set logscale y
  low = y_low / 1.4; high = y_high * 1.4; axis = "y"
  load plots . "/log_tics.gp"
} else { low = y_low - 0.1 * (y_high - y_low); high = y_high + 0.1 * (y_high - y_low) }
if (high > low) { set yrange [low:high] }
set key at screen 0.97,0.93 right horizontal samplen 1.5
front_x(c) = column("front") == 1 ? xs(0) : NaN
every_name = max(1, ceil(front_size / 9))
named(c) = column("front") == 1 && int(front_size - (rows - $0)) % every_name == 0
plot "data.csv" using (column("front") == 0 ? xs(0) : NaN):(ys(0)) with points pointtype 7 pointsize 0.9 * ps linecolor rgb "#B8C4CC" title "points", \
  "data.csv" using (front_x(0)):(ys(0)) with fsteps linewidth 2.5 linecolor rgb red notitle, \
  "data.csv" using (front_x(0)):(ys(0)) with points pointtype 7 pointsize 1.4 * ps linecolor rgb red title sprintf("front: %d points", front_size), \
  "data.csv" using (named(0) ? xs(0) : NaN):(ys(0)):(sprintf("%gx%g", column("rows"), column("cols"))) with labels left offset 0.5,0.7 font font . ",14" textcolor rgb red notitle
