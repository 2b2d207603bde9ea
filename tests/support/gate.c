/*
 * gate.c - state and functions of gate.h, one of each test program.
 */
#include "support/gate.h"

hf_gates_state hf_gates = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

const hf_store_driver *hf_gate_store(void)
{
    static hf_store_driver driver;
    driver = *hf_store_builtin("memory");
    driver.begin = hf_gate_begin;
    driver.get = hf_gate_get;
    driver.commit = hf_gate_commit;
    driver.rollback = hf_gate_rollback;
    for (int i = 0; i < HF_GATE_COUNT; i++)
        hf_gate_set((hf_test_gate)i, false);
    return &driver;
}
