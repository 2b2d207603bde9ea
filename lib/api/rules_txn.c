/*
 * rules_txn.c - rules between the fields of transactions' arguments.
 */
#include "api/rules.h"

#include <holdfast.h>
#include <stdbool.h>

int hf__rule_txn_move(const void *args, hf__broken *out)
{
    const hf_txn_move_args *move = args;
    if (move->from.kind != HF_KIND_WORLD || move->to.kind != HF_KIND_WORLD)
        return 0;
    return hf__rule_broken(out, HF_E_ARGUMENT, "to", "both sides are the world");
}

/* Elements may be longer than this library knows: they are not an array of its own struct. */
static const hf_branch_args *branch_at(const hf_txn_args *txn, uint32_t at)
{
    const uint8_t *first = (const uint8_t *)txn->branches;
    return (const hf_branch_args *)(const void *)(first + (size_t)at * txn->branch_bytes);
}

static int rule_pivots(const hf_txn_args *txn, hf__broken *out)
{
    uint32_t pivots = 0;
    for (uint32_t i = 0; i < txn->branch_count; i++)
        pivots += (branch_at(txn, i)->flags & HF_BRANCH_PIVOT) != 0;
    if (pivots > 0 && txn->kind != HF_TXN_SAGA)
        return hf__rule_broken(out, HF_E_ARGUMENT, "branches", "only a saga has a PIVOT");
    if (pivots > 1)
        return hf__rule_broken(out, HF_E_ARGUMENT, "branches", "more than one PIVOT");
    return 0;
}

int hf__rule_txn_begin(const void *args, hf__broken *out)
{
    return rule_pivots(args, out);
}

int hf__rule_txn_submit(const void *args, hf__broken *out)
{
    const hf_txn_args *txn = args;
    if (txn->move_count == 0 && txn->branch_count == 0)
        return hf__rule_broken(out, HF_E_ARGUMENT, "branches", "neither moves nor branches");
    return rule_pivots(txn, out);
}

int hf__rule_txn_act(const void *args, hf__broken *out)
{
    const hf_txn_act_args *act = args;
    if (act->branch != 0)
        return hf__rule_broken(out, HF_E_ARGUMENT, "branch", "only txn_resolve_branch names one");
    if (act->answer != HF_ANSWER_NONE)
        return hf__rule_broken(out, HF_E_ARGUMENT, "answer", "only txn_resolve_branch gives one");
    return 0;
}

int hf__rule_txn_resolve(const void *args, hf__broken *out)
{
    const hf_txn_act_args *act = args;
    if (act->branch == 0)
        return hf__rule_broken(out, HF_E_ARGUMENT, "branch", "which branch, from 1");
    if (act->answer == HF_ANSWER_NONE)
        return hf__rule_broken(out, HF_E_ENUM, "answer", "must be OK or REJECTED");
    return 0;
}

int hf__rule_txn_list(const void *args, hf__broken *out)
{
    const hf_txn_list_args *list = args;
    if (list->after_ms != 0 && list->which != HF_TXN_WHICH_DUE)
        return hf__rule_broken(out, HF_E_ARGUMENT, "after_ms", "only with DUE");
    return 0;
}
