/*
 * txn.c - arguments of the transaction operations: shapes and defaults.
 */
#include "api/shapes/shapes.h"

/* ---- Elements -------------------------------------------------------------------------------- */

/* clang-format off */
static const hf_field move_fields[] = {
    KEY_OPT(hf_txn_move_args, from),
    KEY_OPT(hf_txn_move_args, to),
    AMOUNT(hf_txn_move_args, amount),
};
const hf_shape hf__shape_txn_move = SHAPE("txn_move", hf_txn_move_args, move_fields, NULL);

static const hf_field branch_fields[] = {
    NAME(hf_branch_args, participant),
    BYTES(hf_branch_args, payload, HF_PAYLOAD_MAX),
    NUMBER(hf_branch_args, version, U32, 0, UINT32_MAX, HF_E_ARGUMENT),
    NUMBER(hf_branch_args, group, U32, 0, UINT32_MAX, HF_E_ARGUMENT),
    FLAGS(hf_branch_args, flags, HF_BRANCH_PIVOT, hf__arg_branch_flags),
};

/* ---- Operations ------------------------------------------------------------------------------ */

static const hf_field txn_fields[] = {
    HEAD(hf_txn_args),
    ARRAY(hf_txn_args, moves, 0, HF_MOVES_MAX, &hf__shape_txn_move),
    ARRAY(hf_txn_args, branches, 0, HF_BRANCHES_MAX, &hf__shape_branch),
    TIME(hf_txn_args, deadline_ms, HF_E_DEADLINE),
    ENUM(hf_txn_args, kind, HF_TXN_TCC, HF_TXN_SAGA, hf__arg_txn_kinds),
    NOT_FINGERPRINTED(hf_txn_args, wait, HF_TXN_ACCEPTED, HF_TXN_FINISHED, hf__arg_txn_waits),
    WAIT(hf_txn_args, wait_ms),
};

/* The branch stands inline: its fields are listed with their path. */
static const hf_field add_fields[] = {
    HEAD(hf_txn_branch_args),
    ID(hf_txn_branch_args, txn),
    NAME(hf_txn_branch_args, branch.participant),
    BYTES(hf_txn_branch_args, branch.payload, HF_PAYLOAD_MAX),
    NUMBER(hf_txn_branch_args, branch.version, U32, 0, UINT32_MAX, HF_E_ARGUMENT),
    NUMBER(hf_txn_branch_args, branch.group, U32, 0, UINT32_MAX, HF_E_ARGUMENT),
    FLAGS(hf_txn_branch_args, branch.flags, HF_BRANCH_PIVOT, hf__arg_branch_flags),
};

static const hf_field seal_fields[] = {
    HEAD(hf_txn_seal_args),
    ID(hf_txn_seal_args, txn),
    NOT_FINGERPRINTED(hf_txn_seal_args, wait, HF_TXN_ACCEPTED, HF_TXN_FINISHED, hf__arg_txn_waits),
    SWITCH(hf_txn_seal_args, keep),
    WAIT(hf_txn_seal_args, wait_ms),
};

static const hf_field act_fields[] = {
    HEAD(hf_txn_act_args),
    ID(hf_txn_act_args, txn),
    NAME(hf_txn_act_args, reason),
    NUMBER(hf_txn_act_args, branch, U32, 0, HF_BRANCHES_MAX, HF_E_ARGUMENT),
    ENUM(hf_txn_act_args, answer, HF_ANSWER_NONE, HF_ANSWER_REJECTED, hf__arg_answers),
};

static const hf_field get_fields[] = {
    HEAD(hf_txn_get_args),
    ID(hf_txn_get_args, txn),
};

static const hf_field list_fields[] = {
    HEAD(hf_txn_list_args),
    ID_OPT(hf_txn_list_args, after),
    TIME(hf_txn_list_args, after_ms, HF_E_ARGUMENT),
    TIME(hf_txn_list_args, created_to_ms, HF_E_ARGUMENT),
    NAME_OPT(hf_txn_list_args, participant),
    ENUM(hf_txn_list_args, which, HF_TXN_WHICH_ALL, HF_TXN_WHICH_DUE, hf__arg_txn_whichs),
    ENUM(hf_txn_list_args, state, HF_TXN_NONE, HF_TXN_CANCELLED, hf__txn_state_names),
    LIMIT(hf_txn_list_args, 256),
};

static const hf_field history_fields[] = {
    HEAD(hf_txn_history_args),
    ID(hf_txn_history_args, txn),
    NUMBER(hf_txn_history_args, after_no, U32, 0, UINT32_MAX, HF_E_ARGUMENT),
    LIMIT(hf_txn_history_args, 256),
};
/* clang-format on */

void hf_txn_init(hf_txn_args *args)
{
    if (!hf__args_init(args, sizeof *args))
        return;
    args->move_bytes = sizeof(hf_txn_move_args);
    args->branch_bytes = sizeof(hf_branch_args);
    args->wait = HF_TXN_FINISHED;
}

void hf_branch_init(hf_branch_args *branch, const char *participant)
{
    if (branch != NULL)
        *branch = (hf_branch_args){.participant = participant, .version = 1};
}

void hf_txn_branch_init(hf_txn_branch_args *args, const hf_id *txn, const char *participant)
{
    if (!hf__args_init(args, sizeof *args))
        return;
    args->txn = hf__id_of(txn);
    hf_branch_init(&args->branch, participant);
}

void hf_txn_seal_init(hf_txn_seal_args *args, const hf_id *txn)
{
    if (!hf__args_init(args, sizeof *args))
        return;
    args->txn = hf__id_of(txn);
    args->wait = HF_TXN_FINISHED;
}

void hf_txn_act_init(hf_txn_act_args *args, const hf_id *txn)
{
    if (hf__args_init(args, sizeof *args))
        args->txn = hf__id_of(txn);
}

void hf_txn_get_init(hf_txn_get_args *args, const hf_id *txn)
{
    if (hf__args_init(args, sizeof *args))
        args->txn = hf__id_of(txn);
}

void hf_txn_list_init(hf_txn_list_args *args)
{
    if (!hf__args_init(args, sizeof *args))
        return;
    args->which = HF_TXN_WHICH_OPEN;
    args->limit = 100;
}

void hf_txn_history_init(hf_txn_history_args *args, const hf_id *txn)
{
    if (!hf__args_init(args, sizeof *args))
        return;
    args->txn = hf__id_of(txn);
    args->limit = 100;
}

static void init_branch(void *args)
{
    hf_branch_init(args, NULL);
}

static void init_txn(void *args)
{
    hf_txn_init(args);
}

static void init_add(void *args)
{
    hf_txn_branch_init(args, NULL, NULL);
}

static void init_seal(void *args)
{
    hf_txn_seal_init(args, NULL);
}

static void init_act(void *args)
{
    hf_txn_act_init(args, NULL);
}

static void init_get(void *args)
{
    hf_txn_get_init(args, NULL);
}

static void init_list(void *args)
{
    hf_txn_list_init(args);
}

static void init_history(void *args)
{
    hf_txn_history_init(args, NULL);
}

/* clang-format off */
const hf_shape hf__shape_branch = SHAPE("branch", hf_branch_args, branch_fields, init_branch);
const hf_shape hf__shape_txn_submit = SHAPE("txn_submit", hf_txn_args, txn_fields, init_txn);
const hf_shape hf__shape_txn_begin = SHAPE("txn_begin", hf_txn_args, txn_fields, init_txn);
const hf_shape hf__shape_txn_branch =
    SHAPE("txn_branch", hf_txn_branch_args, add_fields, init_add);
const hf_shape hf__shape_txn_seal = SHAPE("txn_seal", hf_txn_seal_args, seal_fields, init_seal);
const hf_shape hf__shape_txn_abort = SHAPE("txn_abort", hf_txn_act_args, act_fields, init_act);
const hf_shape hf__shape_txn_get = SHAPE("txn_get", hf_txn_get_args, get_fields, init_get);
const hf_shape hf__shape_txn_list = SHAPE("txn_list", hf_txn_list_args, list_fields, init_list);
const hf_shape hf__shape_txn_history =
    SHAPE("txn_history", hf_txn_history_args, history_fields, init_history);
const hf_shape hf__shape_txn_retry_now =
    SHAPE("txn_retry_now", hf_txn_act_args, act_fields, init_act);
const hf_shape hf__shape_txn_park = SHAPE("txn_park", hf_txn_act_args, act_fields, init_act);
const hf_shape hf__shape_txn_unpark = SHAPE("txn_unpark", hf_txn_act_args, act_fields, init_act);
const hf_shape hf__shape_txn_resolve_branch =
    SHAPE("txn_resolve_branch", hf_txn_act_args, act_fields, init_act);
/* clang-format on */
