# Tests of rtl; a test adds itself to check_PROGRAMS and TESTS.
