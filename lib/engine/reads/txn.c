/*
 * txn.c - reads of transactions: one with its branches, pages by several orders, history.
 *
 * A page looks at up to `limit` transactions of the range that its order needs and keeps those that
 * pass the filters; it returns where it stopped, so a read takes bounded work whatever is filtered.
 */
#include "base/id.h"
#include "engine/reads/query.h"
#include <holdfast/error.h>
#include <string.h>

#define BRANCHES_PAGE 16u /* rows with their payloads, of which only the id is used */
#define OPEN_STATES   3u

static const uint32_t open_states[OPEN_STATES] = {HF_TXN_TRYING, HF_TXN_CONFIRMING,
                                                  HF_TXN_CANCELLING};

/* ---- One ------------------------------------------------------------------------------------- */

static int find(hf__query *query, const hf_id *id, const hf_txn **txn)
{
    const hf_txn key = {.id = *id};
    const void *row = NULL;
    char text[37];
    int error = hf__query_get(query, HF__TXNS, &key, &row);
    *txn = row;
    if (error == 0 && row == NULL)
        return hf__refuse(&query->detail, HF_E_NOT_FOUND, "no transaction %s",
                          hf_id_format(id, text));
    return error;
}

int hf__query_txn(hf__query *query, const hf_op_head *args, const void **result)
{
    const hf_id *id = &((const hf_txn_get_args *)args)->txn;
    const hf_branch bound = {.txn = *id};
    const hf_scan range = {
        .table = HF__BRANCHES,
        .low = &bound,
        .high = &bound,
        .low_columns = 1,
        .high_columns = 1,
    };
    hf_txn_view *view = hf__arena_zalloc(query->work, sizeof(*view));
    const void *const *rows = NULL;
    if (view == NULL)
        return HF_E_OVERLOADED;
    int error = find(query, id, &view->txn);
    if (error == 0)
        error = hf__query_all(query, &range, &rows, &view->branch_count);
    view->branches = (const hf_branch *const *)rows;
    *result = view;
    return error;
}

int hf__query_txn_history(hf__query *query, const hf_op_head *args, const void **result)
{
    const hf_txn_history_args *history = (const hf_txn_history_args *)args;
    const hf_attempt low = {.txn = history->txn, .no = history->after_no};
    const hf_scan range = {
        .table = HF__ATTEMPTS,
        .low = &low,
        .high = &low,
        .low_columns = 2,
        .high_columns = 1,
        .low_exclusive = 1,
    };
    hf_attempt_page *page = hf__arena_zalloc(query->work, sizeof(*page));
    const hf_txn *txn;
    const void *const *rows = NULL;
    if (page == NULL)
        return HF_E_OVERLOADED;
    int error = find(query, &history->txn, &txn);
    if (error == 0)
        error = hf__query_scan(query, &range, history->limit, &rows, &page->count);
    page->rows = (const hf_attempt *const *)rows;
    *result = page;
    return error;
}

/* ---- Pages ----------------------------------------------------------------------------------- */

/* A page that is being made. */
typedef struct paging {
    hf__query *query;
    const hf_txn_list_args *list;
    hf_txn_page *page;
    const hf_txn **kept;
    uint32_t looked; /* transactions that were read so far */
} paging;

static bool is_open(const hf_txn *txn)
{
    return txn->state != HF_TXN_CONFIRMED && txn->state != HF_TXN_CANCELLED;
}

static bool passes(const hf_txn_list_args *list, const hf_txn *txn)
{
    bool open = list->which == HF_TXN_WHICH_OPEN;
    bool parked = list->which == HF_TXN_WHICH_PARKED;
    return (list->state == HF_TXN_NONE || txn->state == list->state) &&
           (list->created_to_ms == 0 || txn->created_at_ms < list->created_to_ms) &&
           (!open || is_open(txn)) && (!parked || txn->parked != 0);
}

static void look(paging *of, const hf_txn *txn, bool keep)
{
    of->looked++;
    of->page->next = txn->id;
    of->page->next_ms = of->list->which == HF_TXN_WHICH_DUE ? txn->due_ms : 0;
    if (keep && passes(of->list, txn))
        of->kept[of->page->count++] = txn;
}

/* The range behind the page before; `state` is the first column of the index by state. */
static int scan(paging *of, uint32_t index, uint32_t state, const void *const **rows,
                uint32_t *count)
{
    const hf_txn_list_args *list = of->list;
    const hf_txn low = {.id = list->after, .due_ms = list->after_ms, .state = state};
    uint32_t prefix = index == HF__TXNS_OPEN ? 1 : 0;
    uint32_t whole = index == HF__TXNS_OPEN || index == HF__TXNS_DUE ? 2 : 1;
    bool resumed = !hf__id_zero(&list->after);
    const hf_scan range = {
        .table = HF__TXNS,
        .index = index,
        .low = &low,
        .high = &low,
        .low_columns = resumed ? whole : prefix,
        .high_columns = prefix,
        .low_exclusive = resumed,
    };
    return hf__query_scan(of->query, &range, list->limit, rows, count);
}

/* Whether it has a branch of the participant that has not ended. */
static int has_branch(paging *of, const hf_id *txn, bool *has)
{
    hf_branch bound = {.txn = *txn};
    const hf_scan range = {
        .table = HF__BRANCHES,
        .index = HF__BRANCHES_PARTICIPANT,
        .low = &bound,
        .high = &bound,
        .low_columns = 2,
        .high_columns = 2,
    };
    size_t mark = of->query->work->used;
    const void *const *rows;
    uint32_t count = 0;
    hf__name_set(&bound.participant, of->list->participant);
    int error = hf__query_scan(of->query, &range, 1, &rows, &count);
    hf__arena_reset(of->query->work, mark);
    *has = count != 0;
    return error;
}

static int list_index(paging *of, uint32_t index, uint32_t state)
{
    const void *const *rows;
    uint32_t count = 0;
    bool keep = true;
    int error = scan(of, index, state, &rows, &count);
    for (uint32_t i = 0; error == 0 && i < count; i++) {
        const hf_txn *txn = rows[i];
        if (of->list->participant[0] != '\0')
            error = has_branch(of, &txn->id, &keep);
        look(of, txn, keep);
    }
    of->page->at_end = count < of->list->limit;
    return error;
}

/* By id, out of the three ranges of the index by state. */
static int list_open(paging *of)
{
    const void *const *rows[OPEN_STATES];
    uint32_t count[OPEN_STATES] = {0};
    uint32_t at[OPEN_STATES] = {0};
    bool more = false;
    int error = 0;
    for (uint32_t i = 0; error == 0 && i < OPEN_STATES; i++) {
        error = scan(of, HF__TXNS_OPEN, open_states[i], &rows[i], &count[i]);
        more = more || count[i] == of->list->limit;
    }
    const hf_txn *next = NULL;
    do {
        uint32_t least = 0;
        next = NULL;
        for (uint32_t i = 0; error == 0 && i < OPEN_STATES; i++) {
            const hf_txn *txn = at[i] < count[i] ? rows[i][at[i]] : NULL;
            if (txn == NULL || (next != NULL && memcmp(&txn->id, &next->id, sizeof(hf_id)) > 0))
                continue;
            next = txn;
            least = i;
        }
        if (next == NULL || of->looked == of->list->limit)
            break;
        at[least]++;
        look(of, next, true);
    } while (next != NULL);
    of->page->at_end = next == NULL && !more;
    return error;
}

/* The ids of a few transactions with open branches of the participant, behind `after`. */
static int participant_ids(paging *of, const hf_id *after, hf_id ids[BRANCHES_PAGE],
                           uint32_t *count, bool *more)
{
    hf_branch bound = {.txn = *after};
    bool resumed = !hf__id_zero(after);
    const hf_scan range = {
        .table = HF__BRANCHES,
        .index = HF__BRANCHES_PARTICIPANT,
        .low = &bound,
        .high = &bound,
        .low_columns = resumed ? 2 : 1,
        .high_columns = 1,
        .low_exclusive = resumed,
    };
    size_t mark = of->query->work->used;
    const void *const *rows = NULL;
    uint32_t got = 0;
    hf__name_set(&bound.participant, of->list->participant);
    int error = hf__query_scan(of->query, &range, BRANCHES_PAGE, &rows, &got);
    *count = 0;
    for (uint32_t i = 0; error == 0 && i < got; i++) {
        const hf_id *id = &((const hf_branch *)rows[i])->txn;
        if (*count == 0 || memcmp(id, &ids[*count - 1], sizeof(*id)) != 0)
            ids[(*count)++] = *id;
    }
    *more = got == BRANCHES_PAGE;
    hf__arena_reset(of->query->work, mark); /* payloads are large and were not asked for */
    return error;
}

static int list_participant(paging *of)
{
    hf_id after = of->list->after;
    bool more = true;
    int error = 0;
    while (error == 0 && more && of->looked < of->list->limit) {
        hf_id ids[BRANCHES_PAGE];
        uint32_t count = 0;
        error = participant_ids(of, &after, ids, &count, &more);
        for (uint32_t i = 0; error == 0 && i < count; i++) {
            const hf_txn *txn = NULL;
            if (of->looked == of->list->limit) {
                more = true;
                break;
            }
            error = find(of->query, &ids[i], &txn);
            if (error == 0)
                look(of, txn, true);
            after = ids[i];
        }
    }
    of->page->at_end = !more;
    return error;
}

static int list_by(paging *of)
{
    const hf_txn_list_args *list = of->list;
    uint32_t state = list->state;
    bool open_state =
        state == HF_TXN_TRYING || state == HF_TXN_CONFIRMING || state == HF_TXN_CANCELLING;
    if (list->which == HF_TXN_WHICH_DUE)
        return list_index(of, HF__TXNS_DUE, 0);
    if (list->participant[0] != '\0')
        return list_participant(of);
    if (list->which == HF_TXN_WHICH_PARKED)
        return list_index(of, HF__TXNS_PARKED, 0);
    if (open_state)
        return list_index(of, HF__TXNS_OPEN, state);
    if (list->which == HF_TXN_WHICH_OPEN)
        return list_open(of);
    return list_index(of, HF__PRIMARY, 0);
}

int hf__query_txns(hf__query *query, const hf_op_head *args, const void **result)
{
    const hf_txn_list_args *list = (const hf_txn_list_args *)args;
    hf_txn_page *page = hf__arena_zalloc(query->work, sizeof(*page));
    const hf_txn **kept = hf__arena_alloc(query->work, sizeof(void *) * list->limit);
    if (page == NULL || kept == NULL)
        return HF_E_OVERLOADED;
    paging of = {.query = query, .list = list, .page = page, .kept = kept};
    page->rows = kept;
    page->next = list->after;
    page->next_ms = list->after_ms;
    *result = page;
    return list_by(&of);
}
