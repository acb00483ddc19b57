# Files of scripts.
