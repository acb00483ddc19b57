# Files of sim/engine.
