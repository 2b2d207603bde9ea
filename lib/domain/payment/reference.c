/*
 * reference.c - sets the id that a payment has at its provider (provider_ref).
 *
 * Why: reports may name the payment by this id alone, and may arrive before the answer or report
 * that has the id. Such a report is kept with HF_ATTENTION_UNMATCHED_FACT and counts as soon as the
 * id is known.
 *
 * Happy path: the id is set, and the kept reports that named it are applied to the payment in the
 * order of their keys. One whose movement belongs to another payment by now is set aside. A
 * provider may have two ids for a payment, e.g. of an order and of its authorization: the fact that
 * brings a further one keeps it (payment_ref), so that it leads to the payment as well.
 *
 * Failure modes: HF_E_NOMEM, HF_E_FENCED. At most 64 kept reports are applied; further ones stay
 * unmatched, for a person.
 */
#include "base/id.h"
#include "domain/payment/command.h"
#include "domain/payment/fact.h"
#include "domain/payment/match.h"

#define KEPT_MAX 64u

/*
 * The movement belongs to another payment: the fact is recorded for this payment, and moves no
 * counter.
 */
static int set_aside(hf__draft *draft, hf__order *order, uint32_t at, hf_fact *fact)
{
    hf_payment *payment = NULL;
    int error = hf__order_payment_edit(draft, order, at, &payment);
    if (error != 0)
        return error;
    payment->attention |= HF_ATTENTION_UNEXPECTED_FACT;
    fact->attention |= HF_ATTENTION_UNEXPECTED_FACT;
    fact->uncounted = fact->amount;
    fact->flags |= HF_FACT_SET_ASIDE;
    return hf__fact_keep(draft, fact);
}

static int count_kept(hf__draft *draft, hf__order *order, uint32_t at, const hf_fact *kept)
{
    hf_fact fact = *kept;
    if (!hf__name_equal(&fact.unit, &order->row->currency))
        return 0;
    fact.payment = order->payments[at].row->id;
    fact.payment_ref = (hf_name){{0}};
    fact.attention &= ~(uint32_t)HF_ATTENTION_UNMATCHED_FACT;
    bool contradicts = false;
    int error = hf__match_contradicts(draft, &fact, &contradicts);
    if (error != 0 || contradicts)
        return error != 0 ? error : set_aside(draft, order, at, &fact);
    uint32_t before = order->payments[at].row->state;
    error = hf__payment_fact(draft, order, at, &fact, HF__ASKED_ANY);
    return error != 0 ? error : hf__fact_ends_commands(draft, order, at, &fact, before);
}

/* The facts that have the provider and the payment_ref of `key`. */
static hf_scan that_name(const hf_fact *key)
{
    return (hf_scan){.table = HF__FACTS,
                     .index = HF__FACTS_PAYMENT_REF,
                     .low = key,
                     .high = key,
                     .low_columns = 2,
                     .high_columns = 2};
}

static bool is_kept(const hf_fact *row)
{
    return !hf__name_empty(&row->payment_ref) && hf__id_zero(&row->payment);
}

static int count_all_kept(hf__draft *draft, hf__order *order, uint32_t at, const hf_fact *key)
{
    const hf_scan scan = that_name(key);
    hf__rows rows;
    int error = hf__draft_scan(draft, &scan, KEPT_MAX, &rows);
    for (uint32_t i = 0; error == 0 && i < rows.count; i++) {
        if (is_kept(rows.rows[i]))
            error = count_kept(draft, order, at, rows.rows[i]);
    }
    return error;
}

/* The fact keeps the further id, unless another fact of the payment does. */
static int keep_further(hf__draft *draft, const hf_payment *payment, const hf_fact *fact,
                        const hf_name *ref, bool *changed)
{
    hf__named named;
    void *row = NULL;
    int error = hf__match_named(draft, &payment->provider, ref, &payment->id, &named);
    if (error != 0 || named.includes)
        return error;
    error = hf__draft_edit(draft, HF__FACTS, fact, &row);
    if (error != 0)
        return error;
    ((hf_fact *)row)->payment_ref = *ref;
    *changed = true;
    return 0;
}

int hf__payment_set_reference(hf__draft *draft, hf__order *order, uint32_t at, const hf_fact *fact,
                              const hf_name *provider_ref)
{
    const hf_payment *now = order->payments[at].row;
    bool changed = hf__name_empty(&now->provider_ref);
    hf_payment *payment = NULL;
    int error = 0;
    if (hf__name_empty(provider_ref) || hf__name_equal(&now->provider_ref, provider_ref))
        return 0;
    if (changed)
        error = hf__order_payment_edit(draft, order, at, &payment);
    else if (fact != NULL)
        error = keep_further(draft, now, fact, provider_ref, &changed);
    if (error != 0 || !changed)
        return error;
    if (payment != NULL)
        payment->provider_ref = *provider_ref;
    const hf_fact key = {.provider = now->provider, .payment_ref = *provider_ref};
    return count_all_kept(draft, order, at, &key);
}

/* ---- Named before the decision --------------------------------------------------------------- */

bool hf__load_reference(hf__draft *draft, const hf_payment *payment, const hf_name *provider_ref)
{
    if (hf__name_empty(provider_ref) || hf__name_equal(&payment->provider_ref, provider_ref))
        return false;
    const hf_fact key = {.provider = payment->provider, .payment_ref = *provider_ref};
    const hf_scan scan = that_name(&key);
    hf__rows rows;
    bool some = false;
    hf__load_named(draft, &payment->provider, provider_ref, &payment->id);
    hf__draft_load_scan(draft, &scan, KEPT_MAX, &rows);
    for (uint32_t i = 0; i < rows.count; i++) {
        if (!is_kept(rows.rows[i]))
            continue;
        some = true;
        (void)hf__draft_load(draft, HF__FACTS, rows.rows[i]);
        hf__load_contradictions(draft, rows.rows[i]);
        hf__load_movements(draft, rows.rows[i], hf__fact_kinds_read(rows.rows[i]));
    }
    return some;
}
