/*
 * facts.c - all facts of one payment.
 *
 * Happy path: those that are stored, by the index of payments, page by page, then those that the
 * operation itself has recorded or linked. Then they are grouped by movement through a hash table:
 * the cost grows with the number of facts, not with its square.
 *
 * Failure mode: HF_E_NOMEM.
 */
#include "domain/payment/facts.h"
#include "base/checksum.h"
#include "base/id.h"
#include "base/money/checked.h"

#define PAGE 64u

/* Facts that schema 3 had set aside have no flag, but another unit or provider. */
static bool fits(const hf__payment_facts *of, const hf_fact *row)
{
    return hf__id_equal(&row->payment, &of->payment->id) && (row->flags & HF_FACT_SET_ASIDE) == 0 &&
           hf__name_equal(&row->unit, &of->order->currency) &&
           hf__name_equal(&row->provider, &of->payment->provider);
}

static int add(hf__payment_facts *of, const hf_fact *row)
{
    if (!fits(of, row))
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
static int add_recorded(hf__payment_facts *of)
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

/* The facts of a payment, whose id `key` has; the first page. */
static hf_scan all_of(const hf_fact *key)
{
    return (hf_scan){.table = HF__FACTS,
                     .index = HF__FACTS_PAYMENT,
                     .low = key,
                     .high = key,
                     .low_columns = 1,
                     .high_columns = 1};
}

static void go_behind(hf_scan *scan, const hf__rows *page)
{
    scan->low = page->rows[page->count - 1];
    scan->low_columns = 4; /* the payment, and the primary key */
    scan->low_exclusive = 1;
}

static int add_stored(hf__payment_facts *of)
{
    const hf_fact key = {.payment = of->payment->id};
    hf_scan scan = all_of(&key);
    hf__rows page = {.more = 1};
    while (page.more != 0) {
        int error = hf__draft_scan(of->draft, &scan, PAGE, &page);
        for (uint32_t i = 0; error == 0 && i < page.count; i++)
            error = add(of, page.rows[i]);
        if (error != 0 || page.count == 0)
            return error;
        go_behind(&scan, &page);
    }
    return 0;
}

static void load_failures(hf__draft *draft, const hf__rows *page, uint32_t kinds)
{
    for (uint32_t i = 0; i < page->count; i++) {
        const hf_fact *row = page->rows[i];
        if ((kinds & 1u << row->kind) != 0)
            hf__load_movements(draft, row, 1u << HF_FACT_FAILED);
    }
}

void hf__load_payment_facts(hf__draft *draft, const hf_payment *payment, uint32_t failures)
{
    const hf_fact key = {.payment = payment->id};
    hf_scan scan = all_of(&key);
    hf__rows page = {.more = 1};
    while (page.more != 0) {
        hf__draft_load_scan(draft, &scan, PAGE, &page);
        if (page.count == 0)
            return;
        load_failures(draft, &page, failures);
        go_behind(&scan, &page);
    }
}

static bool is_same(const hf_fact *a, const hf_fact *b)
{
    return a->kind == b->kind && hf__name_equal(hf__fact_movement(a), hf__fact_movement(b));
}

/* The slot of the movement of a fact, or the empty one where it belongs. A slot has index + 1. */
static uint32_t *find_slot(const hf__payment_facts *of, uint32_t *slots, uint32_t mask,
                           const hf_fact *row)
{
    const hf_name *name = hf__fact_movement(row);
    uint32_t at = (uint32_t)hf__hash_key(name->text, sizeof name->text, row->kind) & mask;
    while (slots[at] != 0 && !is_same(of->movements[slots[at] - 1].first, row))
        at = (at + 1) & mask;
    return &slots[at];
}

static void add_to(hf__facts_movement *movement, const hf_fact *row, int64_t now_ms)
{
    int64_t at_ms = hf__fact_recorded_ms(row, now_ms);
    /* Single messages may be beyond what they add up to. */
    movement->moved = (int64_t)((uint64_t)movement->moved + (uint64_t)hf__fact_moved(row));
    movement->newest_ms = hf__larger(movement->newest_ms, row->provider_time_ms);
    movement->recorded_ms = hf__smaller(movement->recorded_ms, at_ms);
    movement->asked = movement->asked || !hf__id_zero(&row->txn);
}

/* At most half of the slots are used, so that a search ends soon. */
static int group(hf__payment_facts *of)
{
    uint32_t slot_count = 2;
    of->movement_count = 0;
    while (slot_count < 2 * of->count)
        slot_count *= 2;
    uint32_t *slots = hf__draft_alloc(of->draft, slot_count * sizeof *slots);
    of->movement_of = hf__draft_alloc(of->draft, (of->count + 1) * sizeof *of->movement_of);
    of->movements = hf__draft_alloc(of->draft, (of->count + 1) * sizeof *of->movements);
    if (slots == NULL || of->movement_of == NULL || of->movements == NULL)
        return HF_E_NOMEM;
    for (uint32_t i = 0; i < of->count; i++) {
        uint32_t *slot = find_slot(of, slots, slot_count - 1, of->rows[i]);
        if (*slot == 0) {
            of->movements[of->movement_count] = (hf__facts_movement){
                .first = of->rows[i], .newest_ms = INT64_MIN, .recorded_ms = INT64_MAX};
            *slot = ++of->movement_count;
        }
        of->movement_of[i] = *slot - 1;
        add_to(hf__payment_facts_movement(of, i), of->rows[i], of->draft->now_ms);
    }
    return 0;
}

int hf__payment_facts_find(hf__draft *draft, const hf_payment *payment, const hf_fact *fact,
                           hf__payment_facts *out)
{
    const void *order;
    int error = hf__draft_require(draft, HF__ORDERS, &(hf_order){.id = payment->order}, &order);
    if (error != 0)
        return error;
    *out = (hf__payment_facts){.draft = draft, .payment = payment, .order = order};
    error = add_stored(out);
    if (error == 0)
        error = add_recorded(out);
    if (error == 0 && fact != NULL)
        error = add(out, fact);
    return error != 0 ? error : group(out);
}

int hf__payment_facts_add(hf__payment_facts *of, const hf_fact *fact)
{
    int error = add(of, fact);
    return error != 0 ? error : group(of);
}
