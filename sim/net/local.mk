# Files of sim/net.
