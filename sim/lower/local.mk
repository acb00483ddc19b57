# Files of sim/lower.
