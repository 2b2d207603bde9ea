/*
 * txns.c - clause 12: what became of a transaction, of its branches and of its moves is one
 * and the same.
 *
 * A decision is never half: the states that branches and holds may have follow from that of their
 * transaction, and no table allows both a confirmed and a cancelled one.
 */
#include "base/id.h"
#include "domain/txn/state.h"
#include "domain/txn/work.h"
#include "engine/verify/verify.h"
#include <holdfast/error.h>
#include <inttypes.h>

#define BIT(state) (1u << (state))

/* States that a transaction's branches may be in, and the one its holds are in. */
static const struct agreement {
    uint32_t branches;
    uint32_t hold;
} agreements[] = {
    [HF_TXN_TRYING] = {BIT(HF_BRANCH_WAITING) | BIT(HF_BRANCH_TRYING) | BIT(HF_BRANCH_TRIED),
                       HF_HOLD_HELD},
    [HF_TXN_CONFIRMING] = {BIT(HF_BRANCH_WAITING) | BIT(HF_BRANCH_TRYING) | BIT(HF_BRANCH_TRIED) |
                               BIT(HF_BRANCH_CONFIRMING) | BIT(HF_BRANCH_CONFIRMED),
                           HF_HOLD_DONE},
    [HF_TXN_CONFIRMED] = {BIT(HF_BRANCH_CONFIRMED), HF_HOLD_DONE},
    [HF_TXN_CANCELLING] = {BIT(HF_BRANCH_TRYING) | BIT(HF_BRANCH_TRIED) | BIT(HF_BRANCH_REFUSED) |
                               BIT(HF_BRANCH_CANCELLING) | BIT(HF_BRANCH_CANCELLED),
                           HF_HOLD_VOID},
    [HF_TXN_CANCELLED] = {BIT(HF_BRANCH_REFUSED) | BIT(HF_BRANCH_CANCELLED), HF_HOLD_VOID},
};

static void find(hf__verify *verify, const hf_txn *txn, const char *what, uint32_t no,
                 uint32_t state)
{
    char id[37];
    hf__verify_find(verify, HF_CLAUSE_TXNS,
                    "transaction %s in state %" PRIu32 "%s: %s %" PRIu32 " is in state %" PRIu32,
                    hf_id_format(&txn->id, id), txn->state, txn->parked ? ", parked" : "", what, no,
                    state);
}

/* A branch may be refused while its transaction waits for a person to look at another one. */
static bool agrees(const hf_txn *txn, const hf_branch *branch)
{
    uint32_t states = agreements[txn->state].branches;
    if (txn->parked)
        states |= BIT(HF_BRANCH_REFUSED);
    return (states & BIT(branch->state)) != 0;
}

static int check_branches(hf__verify *verify, const hf_txn *txn)
{
    const hf_branch bound = {.txn = txn->id};
    const hf_scan range = {
        .table = HF__BRANCHES,
        .low = &bound,
        .high = &bound,
        .low_columns = 1,
        .high_columns = 1,
    };
    const void *const *rows;
    uint32_t count = 0;
    char id[37];
    int error = hf__query_all(&verify->query, &range, &rows, &count);
    if (error != 0)
        return error;
    if (count != txn->branch_count)
        hf__verify_find(verify, HF_CLAUSE_TXNS,
                        "transaction %s has %" PRIu32 " branches, its record says %" PRIu32,
                        hf_id_format(&txn->id, id), count, txn->branch_count);
    for (uint32_t i = 0; i < count; i++) {
        const hf_branch *branch = rows[i];
        if (!agrees(txn, branch) || branch->no != i + 1 || !hf__branch_row_holds(branch))
            find(verify, txn, "branch", branch->no, branch->state);
    }
    verify->branches += count;
    return 0;
}

/* Moves of a transaction without branches are made at once: then it has no hold at all. */
static int check_holds(hf__verify *verify, const hf_txn *txn)
{
    size_t mark = verify->query.work->used;
    bool none = txn->branch_count == 0 && txn->state == HF_TXN_CONFIRMED;
    for (uint32_t no = 1; no <= txn->move_count; no++) {
        hf_hold key = {.amount = 0};
        const void *row;
        hf__txn_hold_id(&txn->id, no, &key.id);
        hf__arena_reset(verify->query.work, mark);
        int error = hf__query_get(&verify->query, HF__HOLDS, &key, &row);
        if (error != 0)
            return error;
        if (row == NULL && none && no == 1)
            return 0;
        const hf_hold *hold = row;
        uint32_t state = hold == NULL ? HF_HOLD_NONE : hold->state;
        if (state != agreements[txn->state].hold)
            find(verify, txn, "the hold of move", no, state);
        verify->txn_holds -= hold != NULL && hf__id_equal(&hold->txn, &txn->id);
    }
    return 0;
}

static int visit_txn(hf__verify *verify, const void *row)
{
    const hf_txn *txn = row;
    char id[37];
    bool known = txn->state >= HF_TXN_TRYING && txn->state <= HF_TXN_CANCELLED;
    if (!hf__txn_row_holds(txn))
        hf__verify_find(verify, HF_CLAUSE_TXNS,
                        "transaction %s: state %" PRIu32 ", due %" PRId64 ", parked %" PRIu32,
                        hf_id_format(&txn->id, id), txn->state, txn->due_ms, txn->parked);
    hf__verify_state(verify, &txn->id, txn->state, "transaction");
    verify->attempts += txn->attempts;
    if (!known)
        return 0;
    int error = check_branches(verify, txn);
    return error != 0 ? error : check_holds(verify, txn);
}

static int visit_branch(hf__verify *verify, const void *row)
{
    const hf_branch *branch = row;
    hf_id id;
    hf__id_derive(&branch->txn, branch->no, &id);
    hf__verify_state(verify, &id, branch->state, "branch");
    return 0;
}

/* Each part belongs to a record that counted it. */
static void compare(hf__verify *verify, const char *what, uint64_t stored, uint64_t counted)
{
    if (stored != counted)
        hf__verify_find(verify, HF_CLAUSE_TXNS, "%" PRIu64 " %s, the transactions say %" PRIu64,
                        stored, what, counted);
}

int hf__verify_txns(hf__verify *verify)
{
    int error = hf__verify_each(verify, HF__TXNS, visit_txn);
    if (error == 0)
        error = hf__verify_each(verify, HF__BRANCHES, visit_branch);
    if (error == 0)
        error = hf__verify_each(verify, HF__ATTEMPTS, NULL);
    if (error == 0)
        error = hf__verify_each(verify, HF__LEASES, NULL);
    if (error == 0)
        error = hf__verify_each(verify, HF__NODES, NULL);
    if (error == 0)
        error = hf__verify_each(verify, HF__SET_ASIDES, NULL);
    if (error != 0)
        return error;
    compare(verify, "branches", verify->tables[HF__BRANCHES].rows, verify->branches);
    compare(verify, "attempts", verify->tables[HF__ATTEMPTS].rows, verify->attempts);
    compare(verify, "holds of no transaction", verify->txn_holds, 0);
    return 0;
}
