# Tests of base; a test adds itself to check_PROGRAMS and TESTS.
