/*
 * payment_final.c - what all messages about a payment say together: what its last capture releases,
 * and whether money of it was refunded unasked.
 *
 * Why from the facts: the message that says which capture was the last one may come before or after
 * the answer to this capture, the authorization, and what was voided. What it releases is computed
 * anew with each fact, so that every order of arrival ends with the same amounts.
 *
 * Happy path: what was authorized up to the time of the last capture, and neither captured nor
 * voided by a message, counts as voided; what was authorized later is open. A capture that failed
 * since releases nothing.
 *
 * Failure modes: HF__NEED, HF_E_NOMEM.
 */
#include "base/id.h"
#include "domain/payment_fact.h"

#define PAGE 64u

/* Of single messages the sums may be larger than what they add up to. */
__extension__ typedef __int128 wide;

/* The facts of one payment that fit it. */
typedef struct told {
    hf__draft *draft;
    const hf_payment *payment;
    const hf_fact **rows;
    uint32_t count;
    uint32_t capacity;
} told;

static int add(told *of, const hf_fact *row)
{
    if (!hf__id_equal(&row->payment, &of->payment->id) || (row->flags & HF_FACT_SET_ASIDE) != 0)
        return 0;
    if (of->count == of->capacity) {
        uint32_t capacity = of->capacity == 0 ? PAGE : of->capacity * 2;
        const hf_fact **rows = hf__draft_alloc(of->draft, capacity * sizeof *rows);
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
static int add_recorded(told *of)
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

static int add_stored(told *of)
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

static int64_t moved(const hf_fact *row)
{
    return row->amount - row->uncounted;
}

static bool same_movement(const hf_fact *a, const hf_fact *b)
{
    return a->kind == b->kind && hf__name_equal(hf__fact_movement(a), hf__fact_movement(b));
}

/* What all messages of the movement have counted, and when the newest of them happened. */
static wide of_movement(const told *of, const hf_fact *row, int64_t *newest_ms)
{
    wide sum = 0;
    *newest_ms = INT64_MIN;
    for (uint32_t i = 0; i < of->count; i++) {
        const hf_fact *one = of->rows[i];
        if (!same_movement(one, row))
            continue;
        sum += moved(one);
        *newest_ms = one->provider_time_ms > *newest_ms ? one->provider_time_ms : *newest_ms;
    }
    return sum;
}

/* Answers have no time of the provider: then the time counts at which they were recorded. */
static int64_t time_of(const told *of, const hf_fact *row)
{
    if (row->provider_time_ms != 0)
        return row->provider_time_ms;
    return row->at_ms != 0 ? row->at_ms : of->draft->now_ms;
}

/* Whether there is a last capture that did not fail, and when it was made. */
static bool find_last(const told *of, int64_t *last_ms)
{
    bool once = (of->payment->flags & HF_PAYMENT_ONE_CAPTURE) != 0;
    bool found = false;
    for (uint32_t i = 0; i < of->count; i++) {
        const hf_fact *row = of->rows[i];
        int64_t newest_ms;
        bool last = once || (row->flags & HF_REPORT_FINAL) != 0;
        if (row->kind != HF_FACT_CAPTURED || !last ||
            (of_movement(of, row, &newest_ms) == 0 && row->amount != 0))
            continue;
        int64_t at_ms = time_of(of, row);
        *last_ms = !found || at_ms > *last_ms ? at_ms : *last_ms;
        found = true;
    }
    return found;
}

/* What messages have moved of a kind; of authorizations, those that are newer than `after_ms`. */
static int64_t sum_of(const told *of, uint32_t kind, int64_t after_ms)
{
    wide sum = 0;
    for (uint32_t i = 0; i < of->count; i++) {
        int64_t newest_ms;
        if (of->rows[i]->kind != kind)
            continue;
        (void)of_movement(of, of->rows[i], &newest_ms);
        sum += newest_ms > after_ms ? moved(of->rows[i]) : 0;
    }
    return (int64_t)sum; /* of movements as a whole: at most the payment's counter */
}

/* Reads all facts of the payment; `fact` is not recorded yet, or NULL. */
static int read_facts(told *of, const hf_fact *fact)
{
    int error = add_stored(of);
    if (error == 0)
        error = add_recorded(of);
    return error == 0 && fact != NULL ? add(of, fact) : error;
}

int hf__payment_final(hf__draft *draft, hf_payment *payment, const hf_fact *fact)
{
    if ((payment->flags & (HF_PAYMENT_FINAL | HF_PAYMENT_ONE_CAPTURE)) == 0)
        return 0;
    told of = {.draft = draft, .payment = payment};
    int error = read_facts(&of, fact);
    if (error != 0)
        return error;
    int64_t last_ms = 0;
    bool last = find_last(&of, &last_ms);
    int64_t reported = payment->authorized - payment->authorized_implied;
    payment->voided = sum_of(&of, HF_FACT_VOIDED, INT64_MIN);
    int64_t left = reported - payment->captured - payment->voided;
    int64_t open = last ? sum_of(&of, HF_FACT_AUTHORIZED, last_ms) : left;
    payment->voided += left > open ? left - open : 0;
    return 0;
}

/* Whether a message of the movement is a command's: its answer, or the report that ended it. */
static bool was_asked(const told *of, const hf_fact *row)
{
    bool asked = false;
    for (uint32_t i = 0; i < of->count; i++)
        asked = asked || (same_movement(of->rows[i], row) && !hf__id_zero(&of->rows[i]->txn));
    return asked;
}

int hf__payment_withdrawn(hf__draft *draft, hf_payment *payment, const hf_fact *fact)
{
    bool fell = fact->kind == HF_FACT_FAILED || (fact->kind == HF_FACT_REFUNDED && moved(fact) < 0);
    if ((payment->flags & HF_PAYMENT_WITHDRAWN) == 0 || !fell)
        return 0;
    told of = {.draft = draft, .payment = payment};
    int error = read_facts(&of, fact);
    bool some = false;
    for (uint32_t i = 0; error == 0 && i < of.count && !some; i++) {
        int64_t newest_ms;
        const hf_fact *row = of.rows[i];
        some = row->kind == HF_FACT_REFUNDED && of_movement(&of, row, &newest_ms) > 0 &&
               !was_asked(&of, row);
    }
    if (error == 0 && !some)
        payment->flags &= ~(uint32_t)HF_PAYMENT_WITHDRAWN;
    return error;
}
