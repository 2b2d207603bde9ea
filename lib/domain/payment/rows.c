/*
 * rows.c - names the rows that the steps of a payment read.
 *
 * Happy path: a payment from an account reads that account; one of a provider reads the lease of
 * each command that it starts, whose id follows from the number of the command.
 *
 * Failure mode: a row is missing, which the draft has noted.
 */
#include "domain/payment/rows.h"

#include "domain/core/ids.h"
#include "domain/ledger/rows.h"
#include "domain/txn/command.h"

/* An operation starts at most a refund, a capture, and twice a void and a barred void. */
#define COMMANDS_MOST 6u

static void load_commands(hf__draft *draft, const hf_id *payment, uint32_t done)
{
    hf__load_commands(draft, payment, done + 1, COMMANDS_MOST);
}

uint32_t hf__load_payment(hf__draft *draft, const hf_payment *payment)
{
    if (payment->method != HF_METHOD_PROVIDER)
        return hf__name_account_of(draft, &payment->account);
    load_commands(draft, &payment->id, payment->commands);
    return 0;
}

uint32_t hf__load_new_payment(hf__draft *draft, const hf_payment_args *args, const hf_id *id)
{
    hf__id_user user;
    (void)hf__id_find(draft, HF__PAYMENTS, id, &user);
    if (args->method != HF_METHOD_PROVIDER)
        return hf__name_account(draft, &args->account);
    load_commands(draft, id, 0);
    return 0;
}
