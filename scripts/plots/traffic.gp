# Bytes of each layer in order, stacked by tensor class.
classes = "weights params ifmap ofmap spill_read spill_write kv_read kv_write other"
array fill[9] = [blue, grey, green, yellow, orange, red, purple, sky, pale]
array label[9] = ["weights", "parameters", "network input", "network output", "spills read", "spills written", "KV cache read", "KV cache written", "other"]
array used[9]
array high[1]
do for [i=1:9] { stats "data.csv" using (column(word(classes, i))) nooutput; used[i] = STATS_sum }
stats "data.csv" using (sum [j=1:9] column(word(classes, j))) nooutput
MiB = 1048576.0
unit = STATS_max >= MiB ? MiB : 1024.0
set ylabel (unit == MiB ? "MiB moved to and from DRAM" : "KiB moved to and from DRAM") offset 1
set xrange [0.3:rows + 0.7]
set yrange [0:STATS_max / unit * 1.05]
set bmargin at screen 0.27
unset xtics
set grid noxtics ytics
set style fill solid 1 noborder
set rmargin at screen 0.735
set key at screen 0.745,0.86 left top vertical Left reverse invert noenhanced samplen 1
below_of(i) = i == 1 ? 0 : sum [j=1:i-1] column(word(classes, j))
share(p) = p < 0.1 ? "< 0.1 %" : sprintf("%.1f %%", p)
gap = rows > 60 ? 0.46 : 0.4
set label 1 sprintf("%.4g MiB in all", total_bytes / MiB) at screen 0.735,0.905 right noenhanced
plot for [i=1:9] "data.csv" using (column("number")):(0):(column("number") - gap):(column("number") + gap): \
  (below_of(i) / unit):((below_of(i) + column(word(classes, i))) / unit) with boxxyerror linecolor rgb fill[i] notitle, \
  for [i=1:9] NaN with boxes linecolor rgb fill[i] title used[i] > 0 ? sprintf("%s %s", label[i], share(100 * used[i] / total_bytes)) : "", \
  "data.csv" using (column("number")):(0):(stringcolumn("label")) with labels rotate by 90 right offset 0,-0.4 font font . ",14" noenhanced notitle
