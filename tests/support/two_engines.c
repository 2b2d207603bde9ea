/*
 * two_engines.c - state and functions of two_engines.h, one of each test program.
 */
#include "support/two_engines.h"

hf_shared_state hf_shared;

const hf_store_driver *hf_shared_start(void)
{
    static hf_store_driver driver;
    driver = *hf_store_builtin("memory");
    driver.capabilities = HF_STORE_SHARED | HF_STORE_PERSISTENT;
    driver.open = hf_shared_open;
    driver.close = hf_shared_close;
    driver.begin = hf_shared_begin;
    return &driver;
}
