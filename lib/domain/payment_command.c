/*
 * payment_command.c - commands to a provider, from the asking to the final answer.
 *
 * Happy path: asked (pending), the coordinator calls the provider until it knows, the answer
 * becomes a fact: pending goes, the counter moves, the order follows. All of it rides on one
 * transaction a command, whose id is the provider's idempotency key.
 *
 * Failure modes: a refusal gives what was pending back; of an authorization it fails the payment,
 * of anything else it raises HF_ATTENTION_COMMAND_REFUSED, because the books expected it.
 */
#include "domain/payment_command.h"

#include "base/id.h"
#include "domain/body.h"
#include "domain/payment_money.h"
#include "domain/payment_state.h"

#include <string.h>

/* clang-format off */
const hf__fact_effect hf__fact_effects[HF__FACT_KINDS] = {
    [HF_FACT_AUTHORIZED] = { offsetof(hf_payment, pending_authorize), offsetof(hf_payment, authorized), HF_COMMAND_AUTHORIZE, 0 },
    [HF_FACT_CAPTURED]   = { offsetof(hf_payment, pending_capture), offsetof(hf_payment, captured), HF_COMMAND_CAPTURE, 0 },
    [HF_FACT_VOIDED]     = { offsetof(hf_payment, pending_void), offsetof(hf_payment, voided), HF_COMMAND_VOID, 0 },
    [HF_FACT_REFUNDED]   = { offsetof(hf_payment, pending_refund), offsetof(hf_payment, refunded), HF_COMMAND_REFUND, 0 },
    [HF_FACT_CHARGEBACK] = { 0, offsetof(hf_payment, charged_back), HF_COMMAND_NONE, HF_ATTENTION_CHARGEBACK },
};
/* clang-format on */

/* The kind of fact that a command's success is. */
static uint32_t fact_of(uint32_t command)
{
    uint32_t kind = 0;
    while (kind + 1 < HF__FACT_KINDS && hf__fact_effects[kind].command != command)
        kind++;
    return kind;
}

int hf__payment_check_provider(const hf__draft *draft, const hf_payment_args *args, uint32_t no)
{
    if (args->provider == NULL || args->provider[0] == '\0')
        return hf__refuse(draft->detail, HF_E_TEXT_MISSING, "payment %u: provider", no);
    if (args->deadline_ms != 0 && args->deadline_ms <= draft->now_ms)
        return hf__refuse(draft->detail, HF_E_DEADLINE,
                          "payment %u: the deadline is %lld ms in the past", no,
                          (long long)(draft->now_ms - args->deadline_ms));
    return 0;
}

int hf__payment_ask(hf__draft *draft, hf_payment *payment, uint32_t command, int64_t amount)
{
    const hf__command start = {
        .payment = payment,
        .command = command,
        .number = payment->commands + 1,
        .amount = amount,
        .deadline_ms = command == HF_COMMAND_AUTHORIZE ? payment->deadline_ms : 0,
    };
    int error = hf__command_start(draft, &start);
    if (error != 0)
        return error;
    payment->commands++;
    *hf__payment_counter(payment, hf__fact_effects[fact_of(command)].pending_at) += amount;
    return 0;
}

/* What was asked and is known now is not pending any more. */
static void settle_pending(hf_payment *payment, uint32_t command, int64_t amount)
{
    int64_t *pending = hf__payment_counter(payment, hf__fact_effects[fact_of(command)].pending_at);
    *pending -= amount < *pending ? amount : *pending;
}

/* The fact that an answer is; one without a reference is named by its command. */
static hf_fact fact_from(const hf_txn *txn, const hf__order *order, const hf_payment *payment,
                         const hf__txn_answer *answer)
{
    hf_fact fact = {
        .provider = payment->provider,
        .fact_ref = answer->reference,
        .unit = order->row->currency,
        .payment = payment->id,
        .txn = txn->id,
        .amount = answer->amount > 0 ? answer->amount : txn->amount,
        .kind = fact_of(txn->command),
    };
    char text[37];
    if (fact.fact_ref.text[0] == '\0')
        hf__name_set(&fact.fact_ref, hf_id_format(&txn->id, text));
    return fact;
}

/* What a row that has the reference of an answer is to this answer. */
typedef enum relation {
    NEW = 0,  /* there is no row */
    TOLD,     /* a report of the same that was faster: it has counted */
    WAITING,  /* a report of the same that named no payment: it counts now */
    ANOTHERS, /* it says what something else did */
} relation;

static relation relate(const hf_fact *row, const hf_fact *fact)
{
    if (row == NULL)
        return NEW;
    bool answered = !hf__id_zero(&row->txn) && !hf__id_equal(&row->txn, &fact->txn);
    if (hf__id_equal(&row->payment, &fact->payment))
        return answered ? ANOTHERS : TOLD;
    bool same = row->amount == fact->amount && hf__name_equal(&row->unit, &fact->unit);
    return hf__id_zero(&row->payment) && same ? WAITING : ANOTHERS;
}

/*
 * Looks for the fact under the reference of the answer. A reference that another payment or another
 * command has cannot name what this one did, or it would count once for both: then the command's
 * own id does, and a person is told, because reports with that reference cannot be told apart.
 */
static int find_told(hf__draft *draft, const hf_txn *txn, hf_fact *fact, const hf_fact **out)
{
    const void *row;
    char text[37];
    int error = hf__draft_get(draft, HF__FACTS, fact, &row);
    const hf_fact *found = error == 0 ? row : NULL;
    relation what = relate(found, fact);
    *out = what == TOLD ? found : NULL;
    if (error != 0 || found == NULL)
        return error;
    if (what == WAITING)
        fact->provider_time_ms = found->provider_time_ms;
    if (what != ANOTHERS)
        return 0;
    if (!hf__id_zero(&found->payment)) /* else it wants a person already */
        fact->attention |= HF_ATTENTION_UNEXPECTED_FACT;
    hf__name_set(&fact->fact_ref, hf_id_format(&txn->id, text));
    error = hf__draft_get(draft, HF__FACTS, fact, &row);
    *out = row;
    return error;
}

/* What the answer says beyond the report: the provider answered for this very command. */
static int add_excess(hf__draft *draft, hf__order *order, uint32_t at, const hf_fact *told,
                      hf_fact *fact)
{
    char text[37];
    const void *row;
    if (fact->kind != HF_FACT_AUTHORIZED) /* of which the largest counts */
        fact->amount -= told->amount;
    hf__name_set(&fact->fact_ref, hf_id_format(&fact->txn, text));
    int error = hf__draft_get(draft, HF__FACTS, fact, &row);
    return error != 0 || row != NULL ? error : hf__payment_fact(draft, order, at, fact);
}

/* The fact was there before its answer: it is this command's. Another amount wants a person. */
static int claim(hf__draft *draft, hf__order *order, uint32_t at, hf_fact *fact)
{
    void *row;
    hf_payment *payment;
    int error = hf__draft_edit(draft, HF__FACTS, fact, &row);
    if (error == 0)
        error = hf__order_payment_edit(draft, order, at, &payment);
    if (error != 0)
        return error;
    hf_fact *told = row;
    told->txn = fact->txn;
    if (told->amount == fact->amount)
        return 0;
    told->attention |= HF_ATTENTION_UNEXPECTED_FACT;
    payment->attention |= HF_ATTENTION_UNEXPECTED_FACT;
    return fact->amount > told->amount ? add_excess(draft, order, at, told, fact) : 0;
}

static int succeeded(hf__draft *draft, hf__order *order, uint32_t at, const hf_txn *txn,
                     const hf__txn_answer *answer)
{
    hf_payment *payment;
    int error = hf__order_payment_edit(draft, order, at, &payment);
    if (error != 0)
        return error;
    if (txn->command == HF_COMMAND_AUTHORIZE && answer->reference.text[0] != '\0')
        payment->provider_ref = answer->reference;
    hf_fact fact = fact_from(txn, order, payment, answer);
    const hf_fact *before;
    error = find_told(draft, txn, &fact, &before);
    if (error != 0)
        return error;
    int64_t known = before != NULL && before->amount > fact.amount ? before->amount : fact.amount;
    int64_t rest = txn->amount > known ? txn->amount - known : 0;
    error =
        before == NULL ? hf__payment_fact(draft, order, at, &fact) : claim(draft, order, at, &fact);
    if (error != 0)
        return error;
    settle_pending(payment, txn->command, rest);
    return 0;
}

static int refused(hf__draft *draft, hf__order *order, uint32_t at, const hf_txn *txn)
{
    hf_payment *payment;
    int error = hf__order_payment_edit(draft, order, at, &payment);
    if (error != 0)
        return error;
    const hf__payment_was before = hf__payment_now(payment);
    settle_pending(payment, txn->command, txn->amount);
    if (txn->command != HF_COMMAND_AUTHORIZE) {
        payment->attention |= HF_ATTENTION_COMMAND_REFUSED;
        bool kept = hf__payment_left(payment) > payment->pending_void; /* it came late, and stays */
        if (kept && payment->state == HF_PAYMENT_FAILED)
            error = hf__payment_apply(draft, payment, HF__PAY_LATE);
    } else if (payment->state == HF_PAYMENT_PENDING) {
        error = hf__payment_apply(draft, payment, HF__PAY_FAILED);
        payment->deadline_ms = 0;
    }
    return error != 0 ? error : hf__payment_moved(draft, payment, &before);
}

/* The payer must act first. */
static int action_required(hf__draft *draft, hf__order *order, uint32_t at)
{
    hf_payment *payment;
    int error = hf__order_payment_edit(draft, order, at, &payment);
    if (error == 0 && payment->state == HF_PAYMENT_PENDING)
        payment->flags |= HF_PAYMENT_ACTION_REQUIRED;
    return error;
}

static int load(hf__draft *draft, const hf_txn *txn, hf__order **order, uint32_t *at)
{
    const void *row;
    int error = hf__draft_get(draft, HF__PAYMENTS, &(hf_payment){.id = txn->payment}, &row);
    if (error != 0)
        return error;
    if (row == NULL)
        return hf__refuse(draft->detail, HF_E_NOT_FOUND, "the payment of the command is gone");
    *at = ((const hf_payment *)row)->no - 1;
    return hf__order_load(draft, &((const hf_payment *)row)->order, NULL, order);
}

int hf__command_answered(hf__draft *draft, const hf_txn *txn, const hf__txn_answer *answer)
{
    hf__order *order = NULL;
    uint32_t at = 0;
    int error = load(draft, txn, &order, &at);
    if (error != 0 || order == NULL)
        return error;
    if (answer->answer == HF_ANSWER_ONGOING)
        return txn->command == HF_COMMAND_AUTHORIZE ? action_required(draft, order, at) : 0;
    error = answer->answer == HF_ANSWER_OK ? succeeded(draft, order, at, txn, answer)
                                           : refused(draft, order, at, txn);
    /* A refused void or refund is for a person: asked for again at once it would go on for ever. */
    bool final = answer->answer != HF_ANSWER_OK &&
                 (txn->command == HF_COMMAND_VOID || txn->command == HF_COMMAND_REFUND);
    if (error == 0 && !final)
        error = hf__payment_follow(draft, order, at);
    return error != 0 ? error : hf__order_end(draft, order);
}
