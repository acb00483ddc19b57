# MACs that one instruction stands for, logarithmic.
set lmargin at screen 0.22
set rmargin at screen 0.88
set logscale x
stats "data.csv" using (column("macs_per_instruction")) nooutput
set xrange [0.7:STATS_max * 3]
set yrange [rows + 0.6:0.4]
set format x "%.0s%c"
set xlabel "multiply-accumulates per instruction"
set border 1
set grid xtics noytics
set style fill solid 1 noborder
set ytics scale 0
plot "data.csv" using (column("macs_per_instruction")):(column("number")):(0.7):(column("macs_per_instruction")): \
    (column("number") - 0.34):(column("number") + 0.34):(column("number") > 5 ? 0x0072B2 : 0x8C8C8C):ytic(stringcolumn("instruction")) \
    with boxxyerror linecolor rgb variable, \
  "data.csv" using (column("macs_per_instruction")):(column("number")):(si(column("macs_per_instruction"))) \
    with labels left offset 0.6,0
