# Files of rtl.
