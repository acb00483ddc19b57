# Tests of net; a test adds itself to check_PROGRAMS and TESTS.
