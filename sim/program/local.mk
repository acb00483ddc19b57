# Files of sim/program.
