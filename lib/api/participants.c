/*
 * participants.c - the public functions of participants and payment providers: registering, and
 * answering a call.
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

/* The branches of transactions, and the payments of orders, in copied arguments. */
typedef struct named {
    const hf_branch_args *branches;
    const hf_payment_args *payments;
    uint32_t count; /* of either */
} named;

static named named_in(const hf__operation *op)
{
    const void *args = op->args;
    const hf_txn_args *txn = args;
    const hf_order_place_args *place = args;
    const hf_order_amend_args *amend = args;
    switch (op->type) {
    case HF_OP_TXN_BRANCH:
        return (named){.branches = &((const hf_txn_branch_args *)args)->branch, .count = 1};
    case HF_OP_TXN_SUBMIT:
    case HF_OP_TXN_BEGIN:
        return (named){.branches = txn->branches, .count = txn->branch_count};
    case HF_OP_ORDER_PLACE:
        return (named){.payments = place->payments, .count = place->payment_count};
    case HF_OP_ORDER_AMEND:
        return (named){.payments = amend->payments, .count = amend->payment_count};
    case HF_OP_PAYMENT_ADD:
        return (named){.payments = &((const hf_payment_add_args *)args)->payment, .count = 1};
    default:
        return (named){.count = 0};
    }
}

static uint32_t flags_of(const hf__runtime *runtime, const named *in, uint32_t at)
{
    if (in->branches != NULL)
        return hf__runtime_flags(runtime, in->branches[at].participant, in->branches[at].version);
    const hf_payment_args *payment = in->payments == NULL ? NULL : &in->payments[at];
    bool provider = payment != NULL && payment->method == HF_METHOD_PROVIDER;
    return provider ? hf__runtime_provider_flags(runtime, payment->provider) : 0;
}

bool hf__name_participants(hf__host *host, hf__arena *arena, hf__operation *op)
{
    const named in = named_in(op);
    if (in.count == 0)
        return true;
    uint32_t *flags = hf__arena_alloc(arena, in.count * sizeof *flags);
    if (flags == NULL)
        return false;
    for (uint32_t i = 0; i < in.count; i++)
        flags[i] = flags_of(hf__host_runtime(host), &in, i);
    op->participants = flags;
    return true;
}
