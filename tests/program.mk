# Tests of program; a test adds itself to check_PROGRAMS and TESTS.
