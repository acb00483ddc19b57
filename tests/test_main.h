/* The main function of a libcheck program: SA_TEST_MAIN(suite function). */
#ifndef SA_TESTS_TEST_MAIN_H
#define SA_TESTS_TEST_MAIN_H
#include <check.h>
#include <stdlib.h>

#define SA_TEST_MAIN(make_suite)                                  \
  int main(void) {                                                \
    SRunner *runner = srunner_create(make_suite());               \
    srunner_run_all(runner, CK_ENV);                              \
    const int failed = srunner_ntests_failed(runner);             \
    srunner_free(runner);                                         \
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;             \
  }
#endif
