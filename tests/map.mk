# Tests of map; a test adds itself to check_PROGRAMS and TESTS.
