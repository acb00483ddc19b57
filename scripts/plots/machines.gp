# Time of one network on each machine, logarithmic; rate and share of the machine's peak as text.
set lmargin at screen 0.2
set rmargin at screen 0.80
set logscale x
stats "data.csv" using (column("time_ms")) nooutput
low = 10 ** floor(log10(STATS_min) - 0.2)
set xrange [low:STATS_max * 1.3]
set yrange [rows + 0.6:0.4]
set format x "%g"
set xlabel "time per pass in ms (beside the bars: rate, share of the machine's own peak)"
set border 1
set grid xtics noytics
set style fill solid 1 noborder
set ytics scale 0
is_cpu(c) = stringcolumn("machine")[1:4] eq "CPU,"
plot "data.csv" using (column("time_ms")):(column("number")):(low):(column("time_ms")):(column("number") - 0.3):(column("number") + 0.3): \
    (is_cpu(0) ? 0x8C8C8C : 0x0072B2):ytic(stringcolumn("machine") . "\n" . stringcolumn("what")) with boxxyerror linecolor rgb variable, \
  "data.csv" using (column("time_ms")):(column("number") - 0.16):(short(column("time_ms")) . " ms") with labels left offset 0.6,0 font font . ":Bold,16", \
  "data.csv" using (column("time_ms")):(column("number") + 0.20):(rate(column("gops")) . sprintf(", %.2g %% of peak", column("percent_of_peak"))) with labels left offset 0.6,0 font font . ",15"
