# Weights of each network in three types, logarithmic; the time to read them once as text.
array fill[3] = [grey, sky, blue]
array type[3] = ["fp32", "bf16", "int8"]
MiB = 1048576.0
set lmargin at screen 0.2
set rmargin at screen 0.88
set logscale x
stats "data.csv" using (column("weight_bytes") / MiB) nooutput
low = 10 ** floor(log10(STATS_min) - 0.3)
set xrange [low:STATS_max * 3]
set yrange [networks + 0.6:0.4]
set format x "%g"
set xlabel "MiB of weights (beside the bars: the time to read them once)"
set border 1
set grid xtics noytics
set style fill solid 1 noborder
set ytics scale 0
set key at screen 0.97,0.93 right horizontal samplen 1
middle(c) = column("number") + (column("type_number") - 2) * 0.26
of(t) = column("type_number") == t ? column("weight_bytes") / MiB : NaN
plot for [t=1:3] "data.csv" using (of(t)):(middle(0)):(low):(of(t)):(middle(0) - 0.12):(middle(0) + 0.12) \
    with boxxyerror linecolor rgb fill[t] title type[t], \
  "data.csv" using (low):(column("number")):ytic(stringcolumn("network")) with dots notitle, \
  "data.csv" using (column("weight_bytes") / MiB):(middle(0)): \
    (column("read_ms") < 1 ? sprintf("%.3g us", column("read_ms") * 1000) : sprintf("%.3g ms", column("read_ms"))) with labels left offset 0.4,0 notitle
