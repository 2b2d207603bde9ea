/*
 * The contract's tests as one call, for the program of a host.
 */
#include <holdfast/conformance.h>

#include "store/conformance.h"

#include <stdio.h>

/* Whether every function is there that hf_engine_open asks for. */
static bool is_whole(const hf_store_driver *driver)
{
    return driver != NULL && driver->open != NULL && driver->close != NULL &&
           driver->begin != NULL && driver->get != NULL && driver->put != NULL &&
           driver->del != NULL && driver->scan != NULL && driver->commit != NULL &&
           driver->rollback != NULL && driver->stat != NULL && driver->check != NULL;
}

int hf_conformance_run(const hf_store_driver *driver, uint32_t flags)
{
    if (!is_whole(driver) || (flags & ~HF_CONFORMANCE_CHECKSUMS) != 0) {
        (void)puts("holdfast-conformance: the driver lacks a function, or a flag is not known");
        return 1;
    }
    const hf_test_subject subject = {.driver = driver,
                                     .checksums = (flags & HF_CONFORMANCE_CHECKSUMS) != 0};
    Suite *suite = suite_create("conformance");
    hf_test_conformance(suite, &subject, 1);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed;
}
