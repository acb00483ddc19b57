# Time on the CPU over time on the array, logarithmic, a bar a layer from 1.
set logscale y
stats "data.csv" using (column("speedup")) nooutput
low = min(0.5, STATS_min / 1.5); high = max(2, STATS_max * 1.8)
set yrange [low:high]
set xrange [0.3:rows + 0.7]
axis = "y"; base2 = 0
load plots . "/log_tics.gp"
set ylabel "times as fast as the CPU" offset -0.6
set bmargin at screen 0.29
unset xtics
set grid noxtics ytics
set border 2
set style fill solid 1 noborder
set arrow 1 from 0.3,1 to rows + 0.7,1 nohead linewidth 2 linecolor rgb black front
set arrow 2 from 0.3,total_speedup to rows + 0.7,total_speedup nohead linewidth 2 dashtype 2 linecolor rgb blue front
set label 2 sprintf("whole network: %.3g times", total_speedup) at screen 0.97,0.905 right textcolor rgb blue noenhanced
plot "data.csv" using (column("number")):(1):(column("number") - 0.4):(column("number") + 0.4):(min(1, column("speedup"))):(max(1, column("speedup"))): \
    (column("speedup") >= 1 ? 0x56B4E9 : 0xD55E00) with boxxyerror linecolor rgb variable, \
  "data.csv" using (column("number")):(low):(stringcolumn("label")) with labels rotate by 90 right offset 0,-0.4 font font . ",14" noenhanced
