# Utilisation by rows and columns: a cell a machine, its value in it where there is room.
set rmargin at screen 0.87
stats "data.csv" using (column("rows")) nooutput
set xlabel "columns of the array"
set ylabel "rows of the array"
# positions by rank, since sizes are rarely at equal distance
array row_of[64]; array col_of[64]
row_count = 0; col_count = 0
rank(c, n) = NaN
known = 0
do for [k=1:rows] {
  stats "data.csv" using (column("rows")):(column("cols")) every ::k-1::k-1 nooutput
  r = STATS_max_x; c = STATS_max_y
  known = 0
  do for [i=1:row_count] { if (row_of[i] == r) { known = 1 } }
  if (!known && row_count < 64) { row_count = row_count + 1; row_of[row_count] = r }
  known = 0
  do for [i=1:col_count] { if (col_of[i] == c) { known = 1 } }
  if (!known && col_count < 64) { col_count = col_count + 1; col_of[col_count] = c }
}
below_row(r) = 1 + sum [i=1:row_count] (row_of[i] < r)
below_col(c) = 1 + sum [i=1:col_count] (col_of[i] < c)
set xrange [0.5:col_count + 0.5]
set yrange [0.5:row_count + 0.5]
set xtics scale 0 ()
set ytics scale 0 ()
do for [i=1:row_count] { set ytics add (sprintf("%g", row_of[i]) below_row(row_of[i])) }
do for [i=1:col_count] { set xtics add (sprintf("%g", col_of[i]) below_col(col_of[i])) }
unset grid
set border 0
set palette defined (0 "#F7FBFF", 25 "#C6DBEF", 50 "#6BAED6", 75 "#2171B5", 100 "#08306B")
set cbrange [0:100]
set cblabel "MAC utilisation, %"
set style fill solid 1 border rgb "#ffffff"
set label 1 what at screen 0.985,0.905 right noenhanced
size = col_count > 14 ? 14 : 16
shown(c) = col_count <= 18 && row_count <= 20 ? sprintf("%.0f", column("mac_utilisation_percent")) : ""
plot "data.csv" using (below_col(column("cols"))):(below_row(column("rows"))):(0.5):(0.5):(column("mac_utilisation_percent")) \
    with boxxyerror linecolor palette, \
  "data.csv" using (below_col(column("cols"))):(below_row(column("rows"))):(shown(0)):(column("mac_utilisation_percent") > 55 ? 0xffffff : 0x000000) \
    with labels center font font . sprintf(",%d", size) textcolor rgb variable
