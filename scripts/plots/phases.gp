# Three small panels: utilisation, time a token, bytes a token, each for the two phases.
set style fill solid 1 noborder
set border 1
unset grid
unset ytics
set xtics scale 0 font font . ",14"
set xrange [0.5:2.5]
set bmargin at screen 0.17
set tmargin at screen 0.76
array head[3] = ["MAC utilisation, %", "time per token, us", "DRAM MiB per token"]
MiB = 1048576.0
figure(k) = k == 1 ? column("mac_utilisation_percent") : k == 2 ? column("time_us_per_token") : \
  (column("weight_bytes_per_token") + column("kv_bytes_per_token") + column("other_bytes_per_token")) / MiB
array most[3]
do for [k=1:3] {
  stats "data.csv" using (figure(k)) nooutput
  most[k] = STATS_max
}
# a name in two lines: before and behind what was set
at_colon(s) = strstrt(s, ":") ? strstrt(s, ":") : strstrt(s, " ")
broken(s) = at_colon(s) ? s[1:at_colon(s)-1] . "\n" . s[at_colon(s)+1:*] : s
set multiplot
do for [k=1:3] {
  set lmargin at screen 0.03 + (k - 1) * 0.325
  set rmargin at screen 0.03 + (k - 1) * 0.325 + 0.3
  if (k > 1) { unset label 1001; unset label 1002; unset label 1003; unset label 1004 }
  set yrange [0:most[k] * 1.12]
  set title head[k] font font . ":Bold,18" noenhanced
  plot "data.csv" using (column("number")):(0):(column("number") - 0.38):(column("number") + 0.38):(0):(figure(k)): \
      (column("number") == 1 ? 0x0072B2 : 0xD55E00):xtic(sprintf("%s\n%d token%s", broken(stringcolumn("network")), column("tokens"), column("tokens") == 1 ? "" : "s")) \
      with boxxyerror linecolor rgb variable, \
    "data.csv" using (column("number")):(figure(k)):(short(figure(k))) with labels center offset 0,0.8 font font . ",20"
}
unset multiplot
