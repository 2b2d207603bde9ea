/*
 * ask.c - starts commands to a provider.
 *
 * Happy path: the amount is pending from the commit that asks for it. The command is a transaction
 * of its own, whose id is the provider's idempotency key. An amount to void or to refund consists
 * of open money first and of refused money last, so the engine does not ask again for what was
 * refused; what a host asks for consists of refused money first (payment.c). The
 * capture after which nothing can be captured is marked as the last one: with it a provider
 * releases what is left.
 *
 * A provider that voids an authorization only as a whole (HF_PAYMENT_WHOLE_VOID) is not asked to
 * void a part: the part is barred from capture at once, and released with the last capture or with
 * the void of the whole.
 *
 * Failure modes: those of hf__command_start.
 */
#include "domain/order/payment_state.h"
#include "domain/payment/command.h"
#include "domain/payment/fact.h"

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

static int64_t *pending_of(hf_payment *payment, uint32_t command)
{
    return hf__payment_counter(payment, hf__fact_effects[hf__fact_of(command)].pending_at);
}

/* Starts the command and counts it as pending. */
static int start(hf__draft *draft, hf_payment *payment, hf__command *command)
{
    command->payment = payment;
    command->number = payment->commands + 1;
    int error = hf__command_start(draft, command);
    if (error != 0)
        return error;
    payment->commands++;
    *pending_of(payment, command->command) += command->amount;
    return 0;
}

int hf__payment_ask(hf__draft *draft, hf_payment *payment, uint32_t command, int64_t amount)
{
    hf__command asked = {
        .command = command,
        .amount = amount,
        .deadline_ms = command == HF_COMMAND_AUTHORIZE ? payment->deadline_ms : 0,
    };
    return start(draft, payment, &asked);
}

/* Takes from `refused` what `amount` asks for beyond `fresh`. */
static void use_refused(int64_t *refused, int64_t amount, int64_t fresh)
{
    int64_t again = amount - (fresh > 0 ? fresh : 0);
    if (amount <= fresh)
        again = 0;
    *refused -= again < *refused ? again : *refused;
}

int hf__payment_ask_capture(hf__draft *draft, hf_payment *payment, int64_t amount)
{
    hf__command capture = {.command = HF_COMMAND_CAPTURE, .amount = amount};
    bool once = (payment->flags & HF_PAYMENT_ONE_CAPTURE) != 0;
    bool last = hf__payment_open(payment) == amount && payment->capture_refused == 0;
    capture.flags = once || last ? HF_TXN_FINAL : 0;
    return start(draft, payment, &capture);
}

int hf__payment_ask_void(hf__draft *draft, hf_payment *payment, int64_t amount)
{
    int64_t open = hf__payment_open(payment);
    use_refused(&payment->capture_refused, amount, open);
    bool whole = (payment->flags & HF_PAYMENT_WHOLE_VOID) != 0;
    bool part = hf__payment_open(payment) > amount || payment->capture_refused > 0;
    if (whole && (part || payment->pending_capture > 0)) {
        payment->barred += amount;
        return 0;
    }
    hf__command voids = {.command = HF_COMMAND_VOID, .amount = amount + payment->barred};
    payment->barred = 0;
    return start(draft, payment, &voids);
}

int hf__payment_ask_refund(hf__draft *draft, hf_payment *payment, int64_t amount)
{
    hf__command refund = {.command = HF_COMMAND_REFUND, .amount = amount};
    use_refused(&payment->refund_refused, amount,
                hf__payment_refundable(payment) - payment->refund_refused);
    return start(draft, payment, &refund);
}

void hf__payment_settle_pending(hf_payment *payment, uint32_t command, int64_t amount)
{
    int64_t *pending = pending_of(payment, command);
    *pending -= amount < *pending ? amount : *pending;
}
