/*
 * Tests that break an invariant on purpose. In an ordinary build the place is noted and the test
 * continues; built with HF_INVARIANT_ABORT the same test must end in SIGABRT there.
 */
#ifndef HF_TESTS_SUPPORT_BROKEN_H
#define HF_TESTS_SUPPORT_BROKEN_H

#include <check.h>
#include <signal.h>

static inline void hf_test_add_breaking(TCase *tcase, const TTest *test)
{
#ifdef HF_INVARIANT_ABORT
    tcase_add_test_raise_signal(tcase, test, SIGABRT);
#else
    tcase_add_test(tcase, test);
#endif
}

#endif
