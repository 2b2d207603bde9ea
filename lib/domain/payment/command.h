/*
 * command.h - commands to a provider, and what their answers do.
 *
 * The amount of a command is pending from the commit that asks for it until the commit that has the
 * answer, so that nothing is asked for twice. What a provider refused counts as refused: only a
 * host asks for it again.
 */
#ifndef HF_DOMAIN_PAYMENT_COMMAND_H
#define HF_DOMAIN_PAYMENT_COMMAND_H

#include "domain/order/load.h"
#include "domain/txn/command.h"

/* Refuses a PROVIDER payment that cannot be: HF_E_TEXT_MISSING, HF_E_DEADLINE. */
int hf__payment_check_provider(const hf__draft *draft, const hf_payment_args *args, uint32_t no);

/* Starts a command of hf_command; `amount` is pending from now on. As hf__command_start. */
int hf__payment_ask(hf__draft *draft, hf_payment *payment, uint32_t command, int64_t amount);

/*
 * The commands behind hf__payment_capture, hf__payment_void and hf__payment_refund: `amount` is at
 * most what hf__payment_capturable, hf__payment_voidable, hf__payment_refundable allow.
 */
int hf__payment_ask_capture(hf__draft *draft, hf_payment *payment, int64_t amount);
int hf__payment_ask_void(hf__draft *draft, hf_payment *payment, int64_t amount);
int hf__payment_ask_refund(hf__draft *draft, hf_payment *payment, int64_t amount);

/* Takes `amount` off what is pending of the kind of `command`. */
void hf__payment_settle_pending(hf_payment *payment, uint32_t command, int64_t amount);

/*
 * Ends the open commands whose outcome a report has brought; `fact` has been applied to the payment
 * at index `at`, whose state was `before`. 0, HF_E_NOMEM, HF_E_FENCED.
 */
int hf__fact_ends_commands(hf__draft *draft, hf__order *order, uint32_t at, const hf_fact *fact,
                           uint32_t before);

/*
 * A failure of a movement that nobody has heard of ends the only open capture, void or refund, when
 * it has its amount or none and is not older; `fact` is not recorded yet. *ended: whether it did.
 * 0, HF_E_NOMEM, HF_E_FENCED.
 */
int hf__failure_ends_command(hf__draft *draft, hf_payment *payment, hf_fact *fact, bool *ended);

/*
 * Names the commands of a payment that were started, and what ends those that are open: for the
 * functions above and below.
 */
void hf__load_asked(hf__draft *draft, const hf_payment *payment);

/* When the last command of a kind was asked for; 0: none was. 0, HF_E_NOMEM. */
int hf__command_last(hf__draft *draft, const hf_payment *payment, uint32_t command,
                     int64_t *last_ms);

/*
 * What the open commands of one kind ask for together, without the command `but` (NULL: all). The
 * counter of what is pending is never more. 0, HF_E_NOMEM.
 */
int hf__commands_open(hf__draft *draft, const hf_payment *payment, uint32_t command,
                      const hf_id *but, int64_t *sum);

#endif
