/*
 * payment_told.c - all facts of one payment.
 *
 * Happy path: those that are stored, by the index of payments, page by page, then those that the
 * operation itself has recorded or linked.
 *
 * Failure modes: HF__NEED, HF_E_NOMEM.
 */
#include "domain/payment_told.h"
#include "base/id.h"

#define PAGE 64u

static int add(hf__told *of, const hf_fact *row)
{
    if (!hf__id_equal(&row->payment, &of->payment->id) || (row->flags & HF_FACT_SET_ASIDE) != 0)
        return 0;
    if (of->count == of->capacity) {
        uint32_t capacity = of->capacity == 0 ? PAGE : of->capacity * 2;
        const hf_fact **rows = hf__draft_alloc(of->draft, capacity * sizeof(void *));
        if (rows == NULL)
            return HF_E_NOMEM;
        for (uint32_t i = 0; i < of->count; i++)
            rows[i] = of->rows[i];
        of->rows = rows;
        of->capacity = capacity;
    }
    of->rows[of->count++] = row;
    return 0;
}

/* Those that this operation has brought to the payment: the index does not have them yet. */
static int add_recorded(hf__told *of)
{
    int error = 0;
    for (uint32_t i = 0; error == 0 && i < of->draft->row_count; i++) {
        const hf__draft_row *recorded = &of->draft->rows[i];
        const hf_fact *row = recorded->row;
        const hf_fact *old = recorded->old;
        if (recorded->key.table == HF__FACTS && row != NULL &&
            (old == NULL || !hf__id_equal(&old->payment, &row->payment)))
            error = add(of, row);
    }
    return error;
}

static int add_stored(hf__told *of)
{
    const hf_fact key = {.payment = of->payment->id};
    hf_scan scan = {.table = HF__FACTS,
                    .index = HF__FACTS_PAYMENT,
                    .low = &key,
                    .high = &key,
                    .low_columns = 1,
                    .high_columns = 1};
    hf__rows page = {.more = 1};
    while (page.more != 0) {
        int error = hf__draft_scan(of->draft, &scan, PAGE, &page);
        for (uint32_t i = 0; error == 0 && i < page.count; i++)
            error = add(of, page.rows[i]);
        if (error != 0 || page.count == 0)
            return error;
        scan.low = page.rows[page.count - 1];
        scan.low_columns = 4; /* the payment, and the primary key */
        scan.low_exclusive = 1;
    }
    return 0;
}

int hf__told_find(hf__draft *draft, const hf_payment *payment, const hf_fact *fact, hf__told *out)
{
    *out = (hf__told){.draft = draft, .payment = payment};
    int error = add_stored(out);
    if (error == 0)
        error = add_recorded(out);
    return error != 0 || fact == NULL ? error : add(out, fact);
}

bool hf__told_same(const hf_fact *a, const hf_fact *b)
{
    return a->kind == b->kind && hf__name_equal(hf__fact_movement(a), hf__fact_movement(b));
}

int64_t hf__told_moved(const hf__told *of, const hf_fact *row, int64_t *newest_ms)
{
    uint64_t sum = 0; /* single messages may be beyond what they add up to */
    *newest_ms = INT64_MIN;
    for (uint32_t i = 0; i < of->count; i++) {
        const hf_fact *one = of->rows[i];
        if (!hf__told_same(one, row))
            continue;
        sum += (uint64_t)hf__fact_moved(one);
        *newest_ms = one->provider_time_ms > *newest_ms ? one->provider_time_ms : *newest_ms;
    }
    return (int64_t)sum;
}
