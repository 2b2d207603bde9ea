/*
 * The main of a test program built on Check.
 *
 *     int main(void)
 *     {
 *         Suite *suite = suite_create("arena");
 *         TCase *core = tcase_create("core");
 *         tcase_add_test(core, freed_blocks_are_used_again);
 *         suite_add_tcase(suite, core);
 *         return hf_test_main(suite);
 *     }
 *
 * Under `meson test` the environment asks Check for TAP on standard output. Started by hand the
 * program prints a line for each failure. CK_FORK=no keeps all in one process, for a debugger.
 */
#ifndef HF_TESTS_SUPPORT_CHECK_MAIN_H
#define HF_TESTS_SUPPORT_CHECK_MAIN_H

#include <check.h>
#include <stdlib.h>

/* A test may take as long as it does on a busy machine; the build's limit ends one that hangs. */
__attribute__((constructor)) static void hf_test_without_limit(void)
{
    (void)setenv("CK_DEFAULT_TIMEOUT", "0", 0);
}

/* Runs the suite, frees it, and returns the exit code for main: 0 when nothing failed. */
static inline int hf_test_main(Suite *suite)
{
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
