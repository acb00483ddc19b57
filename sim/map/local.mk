# Files of sim/map.
