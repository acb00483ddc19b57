# Marks of a logarithmic axis that say numbers: axis is "x" or "y", its range is low .. high. 1, 2 and 5 of each
# decade, of many decades 1 alone; with base2 = 1 powers of two instead, from low on.
eval sprintf("set %stics scale 0.7 ()", axis)
steps = high / low > 300 ? "1" : "1 2 5"
if (base2) {
  do for [k=0:30] {
    v = low * 2.0 ** k
    if (v <= high * 1.0001) { eval sprintf("set %stics add ('%g' %g)", axis, v, v) }
  }
} else {
  do for [e=-9:15] { do for [m in steps] {
    v = real(m) * 10.0 ** e
    if (v >= low * 0.9999 && v <= high * 1.0001) { eval sprintf("set %stics add ('%g' %g)", axis, v, v) }
  } }
}
