# Tests of cli; a test adds itself to check_PROGRAMS and TESTS.
