/*
 * fact.c - what a fact does to the counters and the state of its payment.
 *
 *     AUTHORIZED           movements add up; of one movement the newest counts, on a tie the larger
 *     CAPTURED, VOIDED,    each movement counts once; a running total (HF_REPORT_TOTAL) counts by
 *     REFUNDED, CHARGEBACK how much it differs from what the movement has counted
 *     CHARGEBACK_REVERSED  takes a chargeback back
 *     FAILED               takes the success of its movement back when it is newer by the
 *                          provider's time, else fails the authorization that is asked
 *
 * Facts come in any order. A capture that is reported before its authorization implies it: what is
 * authorized is the larger of what was reported and what captures and voids need. AUTHORIZED is in
 * authorized.c, FAILED in failed.c, disputes are in dispute.c, and what the
 * last capture releases is in final.c.
 *
 * Failure mode: HF_E_NOMEM. What breaks an expectation is recorded as it was said,
 * marked HF_PAYMENT_BEYOND where a limit is broken, and raises attention; what cannot be counted at
 * all is recorded with `uncounted` and moves no counter.
 */
#include "domain/payment/fact.h"
#include "base/invariant.h"
#include "domain/order/payment_state.h"
#include "domain/payment/arrival.h"

/* The movement is another payment's: nothing of the message is about this one. */
static void set_whole_aside(hf__arrival *a)
{
    hf__fact_set_aside(a);
    a->fact->flags |= HF_FACT_SET_ASIDE;
}

static int act_first(hf__arrival *a)
{
    a->fact->uncounted = a->fact->amount;
    if (a->payment->state == HF_PAYMENT_PENDING)
        a->payment->flags |= HF_PAYMENT_ACTION_REQUIRED;
    return 0;
}

/* clang-format off */
static int (*const successes[HF__FACT_KINDS])(hf__arrival *) = {
    [HF_FACT_AUTHORIZED] = hf__fact_authorize, [HF_FACT_CAPTURED] = hf__fact_move,
    [HF_FACT_VOIDED] = hf__fact_move,
    [HF_FACT_REFUNDED] = hf__fact_move, [HF_FACT_CHARGEBACK] = hf__fact_charge_back,
    [HF_FACT_CHARGEBACK_REVERSED] = hf__fact_reverse,
};
/* clang-format on */

static int apply(hf__arrival *a)
{
    if (a->fact->kind == HF_FACT_FAILED)
        return hf__fact_fail(a);
    if (a->fact->kind == HF_FACT_ACTION_REQUIRED)
        return act_first(a);
    bool failed;
    int error = hf__fact_find_failure(a, &failed);
    if (error == 0)
        error = hf__movement_find(a->draft, a->fact, a->fact->kind, &a->same);
    if (error != 0)
        return error;
    if (failed) {
        hf__fact_repeat(a);
        a->fact->attention |= hf__fact_untimed(a);
    } else if (a->same.of_another)
        set_whole_aside(a);
    else
        return successes[a->fact->kind](a);
    return 0;
}

/* The other facts may differ from what was read before only after a failure. */
static int add_applied(hf__arrival *a, hf__payment_facts *of)
{
    if (a->fact->kind == HF_FACT_FAILED)
        return hf__payment_facts_find(a->draft, a->payment, a->fact, of);
    return hf__payment_facts_add(of, a->fact);
}

/* The same; then what was voided before the newest authorization is authorized beside it. */
static int apply_beside(hf__arrival *a)
{
    uint32_t kind = a->fact->kind;
    bool changes = kind == HF_FACT_AUTHORIZED || kind == HF_FACT_FAILED;
    if (kind != HF_FACT_VOIDED && (!changes || a->payment->voided == 0))
        return apply(a);
    hf__payment_facts of;
    int error = hf__payment_facts_find(a->draft, a->payment, NULL, &of);
    const int64_t before = error == 0 ? hf__voided_before(&of) : 0;
    if (error == 0)
        error = apply(a);
    if (error == 0)
        error = add_applied(a, &of);
    if (error == 0)
        hf__authorized_beside(a->payment, before, hf__voided_before(&of));
    return error;
}

int hf__payment_fact(hf__draft *draft, hf__order *order, uint32_t at, hf_fact *fact, int64_t asked)
{
    hf__arrival a = {.draft = draft, .fact = fact, .asked = asked};
    int error = hf__order_payment_edit(draft, order, at, &a.payment);
    if (error != 0)
        return error;
    const hf__payment_was before = hf__payment_now(a.payment);
    error = apply_beside(&a);
    if (error == 0 && hf__fact_is_final(&a) && (fact->flags & HF_FACT_SET_ASIDE) == 0)
        a.payment->flags |= HF_PAYMENT_FINAL;
    if (error == 0)
        error = hf__payment_final(draft, a.payment, fact);
    if (error == 0 && a.payment->refunded < before.refunded)
        error = hf__payment_withdrawn(draft, a.payment, fact);
    if (error == 0)
        error = hf__payment_settle_state(draft, a.payment);
    if (error != 0)
        return error;
    if (fact->kind == HF_FACT_AUTHORIZED && hf__authorized_unasked(&a, &before))
        fact->attention |= HF__UNEXPECTED;
    a.payment->attention |= fact->attention;
    if (!hf_invariant(hf__payment_row_holds(a.payment)))
        return HF_E_INVARIANT;
    error = hf__fact_keep(draft, fact);
    return error != 0 ? error : hf__payment_moved(draft, a.payment, &before);
}
