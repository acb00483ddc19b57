# Three bars a kind of layer: its share of weights, of MACs, of cycles.
shares = "weights_percent macs_percent cycles_percent"
array fill[3] = [grey, green, red]
array label[3] = ["weights", "MACs", "cycles"]
set lmargin at screen 0.16
set rmargin at screen 0.93
set xrange [0:105]
set yrange [rows + 0.6:0.4]
set xtics 0,20,100 format "%g %%"
set border 1
set grid xtics noytics
set style fill solid 1 noborder
set ytics scale 0
set key at screen 0.97,0.93 right horizontal samplen 1
middle(i) = column("number") + (i - 2) * 0.26
plot for [i=1:3] "data.csv" using (0):(middle(i)):(0):(column(word(shares, i))):(middle(i) - 0.12):(middle(i) + 0.12) \
    with boxxyerror linecolor rgb fill[i] title label[i], \
  "data.csv" using (0):(column("number")):ytic(stringcolumn("kind")) with dots notitle, \
  for [i=1:3] "data.csv" using (column(word(shares, i))):(middle(i)):(sprintf("%.1f %%", column(word(shares, i)))) with labels left offset 0.4,0 notitle
