# The array in one cycle: PEs with their weights and sums, activations waiting at the left, sums below. The
# caller sets m, the machine, t, the cycle, waiting, the cycles of activations to show, lines, the height of a sum, and left, right: where on the page.
set lmargin at screen left
set rmargin at screen right
set xrange [-waiting - 0.2:pe_cols + 0.1]
set yrange [pe_rows + 0.2 + (outputs + 1) * lines:-0.75]
set tmargin at screen 0.86
set bmargin at screen 0.06
unset border
unset tics
unset grid
set style fill solid 1 border rgb "#8C8C8C"
array shade[7] = [0x56B4E9, 0xE69F00, 0x5CC9A7, 0xF0E442, 0xDFA6C4, 0xFF9D5C, 0xC4C4C4]
now(q) = column("machine") == m && column("cycle") == t && stringcolumn("what") eq "pe"
busy(q) = column("row") >= 0
row_shade(q) = column("row") >= 0 ? shade[int(max(column("row"), 0)) % 7 + 1] : 0xF4F4F4
product(q) = sprintf("%d x %d", column("input"), column("weight"))
queue(q) = column("machine") == m && stringcolumn("what") eq "input" && column("cycle") > t && column("cycle") - t <= waiting
wait(q) = -(column("cycle") - t) + 0.5
done(q) = column("machine") == m && stringcolumn("what") eq "sum" && column("cycle") <= t && t <= column("until")
sum_y(q) = pe_rows + 0.2 + (column("r") + 1.2) * lines
half = 0.42
plot "data.csv" using (now(0) ? column("c") + 0.5 : NaN):(column("r") + 0.5):(0.46):(0.46):(row_shade(0)) with boxxyerror linecolor rgb variable, \
  "data.csv" using (now(0) && busy(0) ? column("c") + 0.5 : NaN):(column("r") + 0.24):(product(0)) with labels center font font . ":Bold," . large, \
  "data.csv" using (now(0) && busy(0) ? column("c") + 0.5 : NaN):(column("r") + 0.53):(sprintf("+ %d = %d", column("above"), column("below"))) with labels center font font . "," . small, \
  "data.csv" using (now(0) && !busy(0) && column("tile") >= 0 ? column("c") + 0.5 : NaN):(column("r") + 0.40):(sprintf("w = %d", column("weight"))) with labels center font font . "," . small textcolor rgb "#707070", \
  "data.csv" using (now(0) && column("arriving_tile") >= 0 ? column("c") + 0.5 : NaN):(column("r") + 0.82):(sprintf("new w: %d", column("arriving"))) with labels center font font . "," . small textcolor rgb red, \
  "data.csv" using (queue(0) ? wait(0) : NaN):(column("r") + 0.5):(0.36):(0.30):(shade[int(max(column("row"), 0)) % 7 + 1]) with boxxyerror linecolor rgb variable, \
  "data.csv" using (queue(0) ? wait(0) : NaN):(column("r") + 0.5):(sprintf("%d", column("input"))) with labels center font font . "," . large, \
  "data.csv" using (done(0) ? column("c") + 0.5 : NaN):(sum_y(0)):(half):(lines * 0.46):(shade[int(max(column("row"), 0)) % 7 + 1]) with boxxyerror linecolor rgb variable, \
  "data.csv" using (done(0) ? column("c") + 0.5 : NaN):(sum_y(0)):(sprintf("%d", column("below"))) with labels center font font . "," . small
