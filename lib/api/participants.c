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

static void name_provider(hf__host *host, const hf_payment_args *payment)
{
    bool provider = payment->method == HF_METHOD_PROVIDER;
    uint32_t flags =
        provider ? hf__runtime_provider_flags(hf__host_runtime(host), payment->provider) : 0;
    memcpy((uint8_t *)(uintptr_t)payment + offsetof(hf_payment_args, reserved), &flags,
           sizeof flags);
}

static void name_providers(hf__host *host, const hf_payment_args *payments, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        name_provider(host, &payments[i]);
}

void hf__name_participants(hf__host *host, uint32_t type, hf_op_head *args)
{
    if (type == HF_OP_TXN_BRANCH)
        name_one(host, &((hf_txn_branch_args *)(void *)args)->branch);
    const hf_order_place_args *place = (const hf_order_place_args *)(const void *)args;
    const hf_order_amend_args *amend = (const hf_order_amend_args *)(const void *)args;
    if (type == HF_OP_ORDER_PLACE)
        name_providers(host, place->payments, place->payment_count);
    if (type == HF_OP_ORDER_AMEND)
        name_providers(host, amend->payments, amend->payment_count);
    if (type == HF_OP_PAYMENT_ADD)
        name_provider(host, &((const hf_payment_add_args *)(const void *)args)->payment);
    if (type != HF_OP_TXN_SUBMIT && type != HF_OP_TXN_BEGIN)
        return;
    const hf_txn_args *txn = (const hf_txn_args *)(const void *)args;
    for (uint32_t i = 0; i < txn->branch_count; i++)
        name_one(host, &txn->branches[i]);
}
