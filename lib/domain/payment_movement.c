/*
 * payment_movement.c - finds the facts that are about one movement of money.
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
 * Failure modes: HF__NEED, HF_E_NOMEM.
 */
#include "base/id.h"
#include "domain/payment_fact.h"

#define PAGE 64u

/* Failures and steps of the payer move nothing, but they are about the movement all the same. */
static bool counts(const hf_fact *row)
{
    bool success = row->kind != HF_FACT_FAILED && row->kind != HF_FACT_ACTION_REQUIRED;
    return !success || row->amount == 0 || row->uncounted != row->amount;
}

static void add_row(const hf_fact *fact, const hf_fact *row, hf__movement_facts *out)
{
    if (hf__id_zero(&row->payment) || (row->flags & HF_FACT_SET_ASIDE) != 0)
        return;
    bool counted = counts(row);
    bool ours = hf__id_equal(&row->payment, &fact->payment);
    if (counted && hf__id_zero(&out->payment))
        out->payment = row->payment;
    out->of_another = out->of_another || (counted && !ours);
    if (!ours)
        return;
    out->row = out->known || !counted ? out->row : row;
    out->seen = true;
    out->known = out->known || counted;
    out->counted += row->amount - row->uncounted;
    if (row->provider_time_ms > out->newest_ms)
        out->newest_ms = row->provider_time_ms;
}

/* The fact that has the reference as its message; with a reference of its own it is another's. */
static int add_message(hf__draft *draft, const hf_fact *fact, uint32_t kind,
                       hf__movement_facts *out)
{
    const hf_fact key = {
        .provider = fact->provider, .kind = kind, .fact_ref = *hf__fact_movement(fact)};
    const void *row;
    int error = hf__draft_get(draft, HF__FACTS, &key, &row);
    if (error == 0 && row != NULL && hf__name_empty(&((const hf_fact *)row)->reference))
        add_row(fact, row, out);
    return error;
}

/* Those that this operation has recorded: a report, and what was kept and is linked by it. */
static void add_recorded(const hf__draft *draft, const hf_fact *fact, uint32_t kind,
                         hf__movement_facts *out)
{
    for (uint32_t i = 0; i < draft->row_count; i++) {
        const hf__draft_row *recorded = &draft->rows[i];
        const hf_fact *row = recorded->row;
        if (recorded->key.table == HF__FACTS && recorded->old == NULL && row != NULL &&
            row->kind == kind && hf__name_equal(&row->provider, &fact->provider) &&
            hf__name_equal(&row->reference, hf__fact_movement(fact)))
            add_row(fact, row, out);
    }
}

int hf__movement_find(hf__draft *draft, const hf_fact *fact, uint32_t kind, hf__movement_facts *out)
{
    *out = (hf__movement_facts){.known = false};
    const hf_fact key = {
        .provider = fact->provider, .kind = kind, .reference = *hf__fact_movement(fact)};
    hf_scan scan = {.table = HF__FACTS,
                    .index = HF__FACTS_REFERENCE,
                    .low = &key,
                    .high = &key,
                    .low_columns = 3,
                    .high_columns = 3};
    hf__rows page = {.more = 1};
    int error = add_message(draft, fact, kind, out);
    add_recorded(draft, fact, kind, out);
    while (error == 0 && page.more != 0) {
        error = hf__draft_scan(draft, &scan, PAGE, &page);
        if (error != 0 || page.count == 0)
            break;
        for (uint32_t i = 0; i < page.count; i++)
            add_row(fact, page.rows[i], out);
        scan.low = page.rows[page.count - 1];
        scan.low_columns = 4; /* of the key only fact_ref is not among the first three */
        scan.low_exclusive = 1;
    }
    return error;
}
