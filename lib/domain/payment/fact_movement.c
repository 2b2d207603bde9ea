/*
 * fact_movement.c - finds the facts that are about one movement of money.
 *
 * Why: a provider reports one movement in several messages, and answers the command that asked for
 * the movement as well. All of them share the reference of the movement, so it counts once.
 *
 * A fact that was set aside (it contradicted itself, or named the wrong payment) has counted
 * nothing, and so says nothing about the movement, also when it is a failure: a right report that
 * follows counts.
 *
 * Happy path: the fact whose message is the reference itself, by the primary key, then the others
 * by the index of references, page by page, and those of the operation itself.
 *
 * Failure mode: HF_E_NOMEM.
 */
#include "base/id.h"
#include "domain/payment/fact.h"

#define PAGE       64u
#define KIND(kind) (1u << (kind))

/* Failures and steps of the payer move nothing, but they are about the movement all the same. */
static bool counts(const hf_fact *row)
{
    bool success = row->kind != HF_FACT_FAILED && row->kind != HF_FACT_ACTION_REQUIRED;
    return !success || row->amount == 0 || row->uncounted != row->amount;
}

/* What is known of a movement to the answer of a command, by whose it is. */
typedef struct search {
    hf__draft *draft;
    const hf_fact *fact;
    hf__movement_facts *out;
    hf__movement_facts presumed; /* a report has ended another command, which is not answered yet */
} search;

static void count_row(hf__movement_facts *of, const hf_fact *row, bool ours)
{
    of->row = of->known ? of->row : row;
    of->unclaimed = ours || of->unclaimed != NULL ? of->unclaimed : row;
    of->known = true;
    of->asked = of->asked || !hf__id_zero(&row->txn);
    of->counted += row->amount - row->uncounted;
}

/* A fact of this payment that has counted: of an answer, another command's is not the same. */
static int add_counted(search *s, const hf_fact *row)
{
    const hf_id *asked = &s->fact->txn;
    const void *command = NULL;
    bool ours = hf__id_equal(&row->txn, asked);
    if (ours || hf__id_zero(asked) || hf__id_zero(&row->txn) || row->kind == HF_FACT_FAILED) {
        count_row(s->out, row, ours);
        return 0;
    }
    int error = hf__draft_get(s->draft, HF__TXNS, &(hf_txn){.id = row->txn}, &command);
    if (error != 0)
        return error;
    const hf_txn *other = command; /* NULL: retention has removed it */
    if (other != NULL && (other->flags & HF_TXN_REPORTED) != 0)
        count_row(&s->presumed, row, false);
    else
        s->out->answered = true;
    return 0;
}

static int add_row(search *s, const hf_fact *row)
{
    hf__movement_facts *out = s->out;
    if (hf__id_zero(&row->payment) || (row->flags & HF_FACT_SET_ASIDE) != 0)
        return 0;
    bool counted = counts(row);
    bool ours = hf__id_equal(&row->payment, &s->fact->payment);
    if (counted && hf__id_zero(&out->payment))
        out->payment = row->payment;
    out->of_another = out->of_another || (counted && !ours);
    bool fits = hf__name_equal(&row->unit, &s->fact->unit); /* schema 3 had no flag for that */
    if (!ours || !fits)
        return 0;
    out->seen = true;
    if (row->provider_time_ms > out->newest_ms)
        out->newest_ms = row->provider_time_ms;
    return counted ? add_counted(s, row) : 0;
}

/* The fact that has the reference as its message; with a reference of its own it is another's. */
static int add_message(search *s, uint32_t kind)
{
    const hf_fact key = {
        .provider = s->fact->provider, .kind = kind, .fact_ref = *hf__fact_movement(s->fact)};
    const void *row;
    int error = hf__draft_get(s->draft, HF__FACTS, &key, &row);
    if (error == 0 && row != NULL && hf__name_empty(&((const hf_fact *)row)->reference))
        error = add_row(s, row);
    return error;
}

/* Those that this operation has recorded: a report, and what was kept and is linked by it. */
static int add_recorded(search *s, uint32_t kind)
{
    int error = 0;
    for (uint32_t i = 0; error == 0 && i < s->draft->row_count; i++) {
        const hf__draft_row *recorded = &s->draft->rows[i];
        const hf_fact *row = recorded->row;
        if (recorded->key.table == HF__FACTS && recorded->old == NULL && row != NULL &&
            row->kind == kind && hf__name_equal(&row->provider, &s->fact->provider) &&
            hf__name_equal(&row->reference, hf__fact_movement(s->fact)))
            error = add_row(s, row);
    }
    return error;
}

/* Without anything nearer, an answer is about what is presumed another command's. */
static void end_search(search *s)
{
    const hf__movement_facts *presumed = &s->presumed;
    if (s->out->known || !presumed->known)
        return;
    s->out->known = true;
    s->out->asked = presumed->asked;
    s->out->counted = presumed->counted;
    s->out->row = presumed->row;
    s->out->unclaimed = presumed->unclaimed;
}

/* The facts that have the movement of `key` as their reference; the first page. */
static hf_scan all_about(const hf_fact *key)
{
    return (hf_scan){.table = HF__FACTS,
                     .index = HF__FACTS_REFERENCE,
                     .low = key,
                     .high = key,
                     .low_columns = 3,
                     .high_columns = 3};
}

static void go_behind(hf_scan *scan, const hf__rows *page)
{
    scan->low = page->rows[page->count - 1];
    scan->low_columns = 4; /* of the key only fact_ref is not among the first three */
    scan->low_exclusive = 1;
}

static int add_referring(search *s, uint32_t kind)
{
    const hf_fact key = {
        .provider = s->fact->provider, .kind = kind, .reference = *hf__fact_movement(s->fact)};
    hf_scan scan = all_about(&key);
    hf__rows page = {.more = 1};
    while (page.more != 0) {
        int error = hf__draft_scan(s->draft, &scan, PAGE, &page);
        for (uint32_t i = 0; error == 0 && i < page.count; i++)
            error = add_row(s, page.rows[i]);
        if (error != 0 || page.count == 0)
            return error;
        go_behind(&scan, &page);
    }
    return 0;
}

int hf__movement_find(hf__draft *draft, const hf_fact *fact, uint32_t kind, hf__movement_facts *out)
{
    *out = (hf__movement_facts){.known = false};
    search s = {.draft = draft, .fact = fact, .out = out};
    int error = add_message(&s, kind);
    if (error == 0)
        error = add_recorded(&s, kind);
    if (error == 0)
        error = add_referring(&s, kind);
    end_search(&s);
    return error;
}

/* ---- Named before the decision --------------------------------------------------------------- */

/* The command that another fact of the movement belongs to; see add_counted. */
static void load_command(hf__draft *draft, const hf_fact *fact, const hf_fact *row)
{
    bool asks = !hf__id_zero(&fact->txn) && !hf__id_zero(&row->txn);
    if (asks && !hf__id_equal(&row->txn, &fact->txn))
        (void)hf__draft_load(draft, HF__TXNS, &(hf_txn){.id = row->txn});
}

static void load_movement(hf__draft *draft, const hf_fact *fact, uint32_t kind)
{
    const hf_fact key = {.provider = fact->provider,
                         .kind = kind,
                         .fact_ref = *hf__fact_movement(fact),
                         .reference = *hf__fact_movement(fact)};
    const hf_fact *message = hf__loaded(draft, hf__draft_load(draft, HF__FACTS, &key));
    hf_scan scan = all_about(&key);
    hf__rows page = {.more = 1};
    if (message != NULL)
        load_command(draft, fact, message);
    while (page.more != 0) {
        hf__draft_load_scan(draft, &scan, PAGE, &page);
        for (uint32_t i = 0; i < page.count; i++)
            load_command(draft, fact, page.rows[i]);
        if (page.count == 0)
            return;
        go_behind(&scan, &page);
    }
}

void hf__load_movements(hf__draft *draft, const hf_fact *fact, uint32_t kinds)
{
    for (uint32_t kind = 0; kind < HF__FACT_KINDS; kind++)
        if ((kinds & KIND(kind)) != 0)
            load_movement(draft, fact, kind);
}

uint32_t hf__fact_kinds_read(const hf_fact *fact)
{
    const uint32_t successes = KIND(HF_FACT_AUTHORIZED) | KIND(HF_FACT_CAPTURED) |
                               KIND(HF_FACT_VOIDED) | KIND(HF_FACT_REFUNDED);
    if (fact->kind == HF_FACT_ACTION_REQUIRED)
        return 0;
    return KIND(HF_FACT_FAILED) | (fact->kind == HF_FACT_FAILED ? successes : KIND(fact->kind));
}
