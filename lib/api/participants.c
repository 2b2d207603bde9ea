/*
 * participants.c - the doors of participants and payment providers: registering, and answering a
 * call.
 */
#include "api/participants.h"

#include <holdfast.h>
#include <string.h>

int hf_participant_register(hf_engine *engine, const hf_participant *participant)
{
    hf__host *host;
    int error = hf__host_enter_open(engine, &host);
    return error != 0 ? error
                      : hf__runtime_participant(hf__host_runtime(host), participant,
                                                hf__host_detail(host));
}

int hf_provider_register(hf_engine *engine, const hf_provider *provider)
{
    hf__host *host;
    int error = hf__host_enter_open(engine, &host);
    return error != 0
               ? error
               : hf__runtime_provider(hf__host_runtime(host), provider, hf__host_detail(host));
}

int hf_call_done(hf_engine *engine, uint64_t ticket, const hf_call_answer *answer)
{
    hf__host *host;
    int error = hf__host_enter_open(engine, &host);
    return error != 0
               ? error
               : hf__runtime_answer(hf__host_runtime(host), ticket, answer, hf__host_detail(host));
}

/* A copy is the library's to change; its type is that of the caller's arguments. */
static void name_one(hf__host *host, const hf_branch_args *branch)
{
    uint32_t flags =
        hf__runtime_flags(hf__host_runtime(host), branch->participant, branch->version);
    memcpy((uint8_t *)(uintptr_t)branch + offsetof(hf_branch_args, reserved), &flags, sizeof flags);
}

void hf__name_participants(hf__host *host, uint32_t type, hf_op_head *args)
{
    if (type == HF_OP_TXN_BRANCH)
        name_one(host, &((hf_txn_branch_args *)(void *)args)->branch);
    if (type != HF_OP_TXN_SUBMIT && type != HF_OP_TXN_BEGIN)
        return;
    const hf_txn_args *txn = (const hf_txn_args *)(const void *)args;
    for (uint32_t i = 0; i < txn->branch_count; i++)
        name_one(host, &txn->branches[i]);
}
