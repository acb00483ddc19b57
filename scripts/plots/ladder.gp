# A bar a rung, logarithmic; beside it how many times the first rung.
set lmargin at screen 0.27
set rmargin at screen 0.9
set logscale x
stats "data.csv" using (column("gops")) nooutput
low = 10 ** floor(log10(STATS_min) - 0.2)
set xrange [low:STATS_max * 5]
set yrange [rows + 0.6:0.4]
set format x "%g"
set xlabel "GOP/s (beside the bars: times the first rung)"
set border 1
set grid xtics noytics
set style fill solid 1 noborder
set ytics scale 0 font font . (rows > 18 ? ",14" : ",16")
size = rows > 18 ? ",14" : ",16"
paint(c) = column("array") == 1 ? 0x0072B2 : stringcolumn("dtype") eq "int8" ? 0xE69F00 : stringcolumn("dtype") eq "bf16" ? 0xCC79A7 : 0x8C8C8C
plot "data.csv" using (column("gops")):(column("number")):(low):(column("gops")):(column("number") - 0.36):(column("number") + 0.36): \
    (paint(0)):ytic(stringcolumn("rung")) with boxxyerror linecolor rgb variable, \
  "data.csv" using (column("gops")):(column("number")):("x " . si(column("times_first"))) with labels left offset 0.5,0 font font . size
