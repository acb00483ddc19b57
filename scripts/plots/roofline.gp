# Rate over operational intensity, both logarithmic: layers as discs by their share of the time, networks as
# diamonds, roofs as lines. Layers without DRAM traffic stand at the right edge.
set logscale xy
set xrange [low_x:edge_x * 1.8]
top = max(high_y, has_cpu == 1 ? cpu_peak_gops : 0) * 2.5
set yrange [low_y:top]
set format xy "%g"
set xlabel "operational intensity: MAC per byte of DRAM traffic"
set ylabel "GOP/s (1 MAC = 2 operations)" offset 0.5
roof(x) = min(peak_gops, 2 * x * bandwidth_gbs)
set rmargin at screen 0.975
ridge = peak_gops / (2 * bandwidth_gbs)
set label 1 "peak of the array: " . rate(peak_gops) at edge_x * 1.7,peak_gops * 1.4 right noenhanced
# along the slope: an angle by the axes' lengths on the page
angle = atan(1.0 * (0.71 * 720 / log(top / low_y)) / (0.885 * 1280 / log(edge_x * 1.8 / low_x))) * 180 / pi
set label 2 sprintf("%.4g GB/s", bandwidth_gbs) at max(ridge / 8, low_x * 1.2),2 * max(ridge / 8, low_x * 1.2) * bandwidth_gbs * 1.35 rotate by angle left noenhanced
cpu_roof(x) = has_cpu == 1 ? min(cpu_peak_gops, 2 * x * cpu_bandwidth_gbs) : NaN
if (has_cpu == 1) set label 3 "peak of the CPU: " . rate(cpu_peak_gops) at edge_x * 1.7,cpu_peak_gops * 1.3 right textcolor rgb red noenhanced
set key at screen 0.985,0.965 right horizontal noenhanced samplen 1
set samples 1000
of(g, p) = column("group") == g && stringcolumn("point") eq p
paint(g) = has_cpu == 1 && g == groups ? red : networks == 1 ? sky : colour[g]
where(g) = of(g, "layer") ? column("x") : NaN
disc(x) = (1.1 + 0.6 * sqrt(x)) * ps
if (has_edge == 1) set label 4 "no DRAM\ntraffic" at edge_x,low_y * 2.5 center font font . ",14" textcolor "#606060"
if (has_edge == 1) set arrow 4 from edge_x / 1.42,low_y to edge_x / 1.42,top nohead dashtype 2 linecolor "#B0B0B0"
plot for [g=1:groups] "data.csv" using (where(g)):(column("gops")):(disc(column("time_percent"))) \
    with points pointtype 7 pointsize variable linecolor rgb paint(g) notitle, \
  for [g=1:groups] "data.csv" using (where(g)):(column("gops")):(disc(column("time_percent"))) \
    with points pointtype 6 pointsize variable linewidth 0.7 linecolor "#ffffff" notitle, \
  roof(x) with lines linewidth 3 linecolor rgb black notitle, \
  cpu_roof(x) with lines linewidth 3 dashtype 2 linecolor rgb red notitle, \
  for [g=1:networks] "data.csv" using (of(g, "network") ? column("x") : NaN):(column("gops")) \
    with points pointtype 13 pointsize 4.4 * ps linecolor "#ffffff" notitle, \
  for [g=1:networks] "data.csv" using (of(g, "network") ? column("x") : NaN):(column("gops")) \
    with points pointtype 13 pointsize 3.4 * ps linecolor rgb networks == 1 ? blue : colour[g] \
    title networks == 1 ? "the whole network" : "", \
  for [g=1:groups] NaN with points pointtype 7 pointsize 1.8 * ps linecolor rgb paint(g) title value(sprintf("group_%d", g)), \
  "data.csv" using (column("x")):(column("gops")):(stringcolumn("label")) with labels center offset 0,-1.3 font font . ",14" noenhanced notitle
