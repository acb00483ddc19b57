# Files of sim/cmd.
