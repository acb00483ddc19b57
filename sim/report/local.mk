# Files of sim/report.
