# What all pictures share: size, fonts, colours (Okabe and Ito's, safe for colour-blind viewers), title, footer.
# Variables: format, rows, title, subtitle, note, version, and the kind's own.
set encoding utf8
set datafile separator tab
set datafile columnheaders
font = "DejaVu Sans"
if (format eq "svg") set terminal svg size 1280,720 background "white" font font . ",18"
if (format eq "png") set terminal pngcairo size 1280,720 background "white" font font . ",16.5"
if (format eq "gif") set terminal gif animate delay 80 loop 0 size 1280,720 font font . ",13"
if (format eq "pdf") set terminal pdfcairo size 17.78,10 background "white" font font . ",18"
ps = format eq "svg" ? 0.5 : 1 # a point is twice as large there
set output "picture"

black = "#000000"; orange = "#E69F00"; sky = "#56B4E9"; green = "#009E73"
yellow = "#F0E442"; blue = "#0072B2"; red = "#D55E00"; purple = "#CC79A7"; grey = "#8C8C8C"; pale = "#D9D9D9"
array colour[8] = [blue, red, green, purple, orange, sky, black, grey]

set label 1001 title at screen 0.02,0.955 left font font . ":Bold,24" noenhanced
set label 1002 subtitle at screen 0.02,0.905 left textcolor "#404040" noenhanced
set label 1003 note at screen 0.02,0.022 left font font . ",15" textcolor "#606060" noenhanced
set label 1004 version at screen 0.985,0.022 right font font . ",15" textcolor "#606060" noenhanced
set lmargin at screen 0.1
set rmargin at screen 0.97
set bmargin at screen 0.15
set tmargin at screen 0.86
set border 3 linecolor "#404040"
set tics nomirror noenhanced
set grid linecolor "#E0E0E0" linewidth 1 linetype 1
unset key

min(a, b) = a < b ? a : b
max(a, b) = a > b ? a : b
rate(g) = g >= 1000 ? sprintf("%.3g TOP/s", g / 1000) : sprintf("%.3g GOP/s", g)
short(v) = v >= 99.95 ? sprintf("%.0f", v) : sprintf("%.3g", v)
si(v) = v >= 1e6 ? sprintf("%.3g M", v / 1e6) : v >= 1e3 ? sprintf("%.3g k", v / 1e3) : sprintf("%.3g", v)
