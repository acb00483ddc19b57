# Tests of engine; a test adds itself to check_PROGRAMS and TESTS.
