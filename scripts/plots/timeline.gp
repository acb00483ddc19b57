# Bars from the first to the last cycle of each instruction, by unit; layers in turn in two shades, named where
# their first MATMUL begins.
array paint[5] = [green, purple, orange, blue, red]
array base[5]
y = 0
do for [u=0:4] {
  if (u == 3) { y = y + 0.4 } # for the layers' names
  base[u + 1] = y
  n = value(sprintf("lanes_%d", u))
  set label 10 + u value(sprintf("unit_%d", u)) at graph -0.01,first -(y + n / 2.0) right textcolor rgb paint[u + 1]
  y = y + n + 0.6
  if (u < 4) { set arrow 10 + u from graph 0,first -(y - 0.3) to graph 1,first -(y - 0.3) nohead linecolor "#C8C8C8" }
}
set lmargin at screen 0.1
set xrange [from_cycle:to_cycle]
set yrange [-(y - 0.3):0.6]
unset ytics
set border 1
set grid xtics noytics
set format x "%.0f"
set xlabel "cycle"
set style fill solid 1 border rgb "#ffffff"
start(c) = max(column("start"), from_cycle)
stop(c) = min(column("end") + 1, to_cycle)
high(c) = -(base[int(column("unit_number")) + 1] + column("lane"))
# a layer's shade: even ones full, odd ones lighter
shade(u, odd) = odd ? mix(paint[u + 1]) : int(hex(paint[u + 1]))
hex(text) = int("0x" . text[2:7])
red_of(c) = int(c) / 65536
green_of(c) = (int(c) / 256) % 256
blue_of(c) = int(c) % 256
mix(text) = 65536 * ((red_of(hex(text)) * 11 + 255 * 9) / 20) + 256 * ((green_of(hex(text)) * 11 + 255 * 9) / 20) + (blue_of(hex(text)) * 11 + 255 * 9) / 20
plot "data.csv" using (0.5 * (start(0) + stop(0))):(high(0)):(start(0)):(stop(0)):(high(0) - 0.92):(high(0)): \
    (shade(int(column("unit_number")), int(column("layer_number")) % 2)) with boxxyerror linecolor rgb variable, \
  "data.csv" using (start(0)):(-base[4] + 0.28):(stringcolumn("label")) with labels left font font . ",14" noenhanced
