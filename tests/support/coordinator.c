/*
 * coordinator.c - functions of coordinator.h that keep state between calls.
 */
#include "support/coordinator.h"

const char *hf_test_states(const hf_test_fixture *fixture, const hf_id *id)
{
    static char text[1024];
    const hf_txn *txn = hf_test_txn(fixture, id);
    int at = snprintf(text, sizeof text, "%s:", hf_txn_state_name(txn->state));
    for (uint32_t i = 1; i <= txn->branch_count; i++)
        at += snprintf(text + at, sizeof text - (size_t)at, " %s",
                       hf_branch_state_name(hf_test_branch_of(fixture, id, i)->state));
    return text;
}
