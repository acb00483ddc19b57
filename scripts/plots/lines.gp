# Names at the right ends of the groups' lines, moved apart; outside of multiplot, where stats does not work.
# The kind has defined xs(0), ys(0), scaled(y): 0 to 1 along the axis, and apart, the least distance on it.
array end_x[8]; array end_y[8]; array at_y[8]
end_max = -1e300
do for [g=1:groups] {
  stats "data.csv" using (column("group") == g ? xs(0) : NaN):(column("group") == g ? ys(0) : NaN) nooutput
  last_x = STATS_max_x
  stats "data.csv" using (column("group") == g && xs(0) == last_x ? ys(0) : NaN) nooutput
  end_x[g] = last_x
  end_y[g] = STATS_mean
}
# names bottom-up, at least `apart` of the axis from one another
array place[8]
low_y = -1e300
do for [n=1:groups] {
  best = 0
  do for [g=1:groups] {
    taken = 0
    do for [k=1:n-1] { if (place[k] == g) { taken = 1 } }
    if (!taken && (best == 0 || end_y[g] < end_y[best])) { best = g }
  }
  place[n] = best
  at_y[best] = max(scaled(end_y[best]), low_y + apart)
  low_y = at_y[best]
}
do for [g=1:groups] {
  set label 100 + g value(sprintf("group_%d", g)) at graph 1,graph at_y[g] left offset 1.2,0 textcolor rgb colour[g] noenhanced
}
