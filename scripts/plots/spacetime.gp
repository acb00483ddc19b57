# Space and time: a line a PE, a column a cycle, a cell filled by the row of activations that the PE works on. A
# dot: a weight arrives; a bar at the left edge: the PE changes to it. The caller sets m, the machine shown, and names, whether PEs and rows are named.
set xrange [first_cycle - 0.6:last_cycle + 0.6]
set yrange [pe_rows * pe_cols + 0.5:-0.5 + 0.9]
set border 1
set ytics scale 0 ()
do for [r=0:pe_rows-1] { do for [c=0:pe_cols-1] {
  if (names) { set ytics add (sprintf("%d,%d", r, c) r * pe_cols + c + 1) }
} }
if (!names) { do for [r=0:pe_rows-1] { set ytics add (sprintf("row %d", r) r * pe_cols + 0.5 * pe_cols + 0.5) } }
unset grid
set xtics 2 out
number(q) = column("r") * pe_cols + column("c") + 1
is_pe(q) = stringcolumn("what") eq "pe" && column("machine") == m
works(q) = is_pe(0) && column("row") >= 0
set style fill solid 1 border rgb "#ffffff"
cell = pe_rows * pe_cols > 20 ? 13 : 15
array shade[7] = [0x56B4E9, 0xE69F00, 0x5CC9A7, 0xF0E442, 0xDFA6C4, 0xFF9D5C, 0xC4C4C4]
plot "data.csv" using (works(0) ? column("cycle") : NaN):(number(0)):(0.48):(0.47):(shade[int(max(column("row"), 0)) % 7 + 1]) \
    with boxxyerror linecolor rgb variable, \
  "data.csv" using (works(0) && stringcolumn("activity") eq "swap" ? column("cycle") - 0.42 : NaN):(number(0)):(0.06):(0.47) \
    with boxxyerror linecolor rgb black, \
  "data.csv" using (is_pe(0) && column("arriving_tile") >= 0 ? column("cycle") + (column("row") >= 0 ? 0.36 : 0) : NaN):(number(0)) \
    with points pointtype 7 pointsize 0.6 * ps linecolor rgb red, \
  "data.csv" using (works(0) && names ? column("cycle") : NaN):(number(0)):(sprintf("%d", column("row"))) with labels center font font . sprintf(",%d", cell)
