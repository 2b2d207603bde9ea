/*
 * The contract's tests over every store of the build, and over one written like a host's own.
 */
#include "store/conformance.h"
#include "store/journal_store.h"
#include "store/plain_store.h"

#include <stdio.h>

int main(void)
{
    static const char *const schemes[] = {"memory", "lmdb", "sqlite"};
    static hf_test_subject subjects[sizeof schemes / sizeof *schemes + HF_TEST_JOURNALS + 1];
    int count = 0;
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        const hf_store_driver *driver = hf_store_builtin(schemes[i]);
        if (driver != NULL)
            subjects[count++] = (hf_test_subject){.driver = driver, .checksums = true};
        (void)fprintf(stderr, "# %s: %s\n", schemes[i], driver == NULL ? "not built in" : "tested");
    }
    for (uint32_t i = 0; i < HF_TEST_JOURNALS; i++)
        if (hf_test_journal(i) != NULL)
            subjects[count++] = (hf_test_subject){.driver = hf_test_journal(i)};
    subjects[count++] = (hf_test_subject){.driver = &hf_test_plain_driver};
    Suite *suite = suite_create("conformance");
    hf_test_conformance(suite, subjects, count);
    return hf_test_main(suite);
}
