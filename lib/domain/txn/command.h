/*
 * command.h - one command to a payment provider as a ONE_PHASE transaction with one branch.
 *
 * Payments start commands, in the same commit as what asks for them; the coordinator calls the
 * provider and hands the final answer back, in the same commit as the transaction's end.
 */
#ifndef HF_DOMAIN_TXN_COMMAND_H
#define HF_DOMAIN_TXN_COMMAND_H

#include "domain/txn/txn.h"

/* A command to start. */
typedef struct hf__command {
    const hf_payment *payment; /* of method PROVIDER */
    uint32_t command;          /* hf_command */
    uint32_t number;           /* of the payment's commands, from 1; makes the id */
    uint32_t flags;            /* HF_TXN_FINAL or 0 */
    uint32_t reserved;
    int64_t amount;
    int64_t deadline_ms; /* AUTHORIZE: not started after it; else 0 */
} hf__command;

/* The id of a payment's command, from 1. */
void hf__command_id(const hf_id *payment, uint32_t number, hf_id *out);

/* Names what starting the payment's commands `first` to `first` + `count` - 1 reads. */
void hf__load_commands(hf__draft *draft, const hf_id *payment, uint32_t first, uint32_t count);

/* Writes transaction and branch; command.c. 0, HF_E_NOMEM, HF__SWEEP, HF_E_FENCED. */
int hf__command_start(hf__draft *draft, const hf__command *command);

/*
 * Names what the answer to a command reads: its payment and order, the facts and the commands of
 * the payment; lifecycle/answered.c.
 */
void hf__load_answer(hf__draft *draft, const hf_txn *txn, const hf__txn_answer *answer);

/*
 * The final answer, OK or REJECTED, becomes a fact of the payment, with all that follows for its
 * order; lifecycle/answered.c. ONGOING comes here too when the customer must act. With `alone` the
 * order does not follow, because an account refused that, and gets attention. 0, what accounts
 * refuse, HF_E_FENCED, HF_E_NOMEM.
 */
int hf__command_answered(hf__draft *draft, const hf_txn *txn, const hf__txn_answer *answer,
                         bool alone);

/*
 * An OK that comes after a report has ended the command (HF_TXN_REPORTED). It counts when it names
 * a movement and the report named another one, or said that nothing was done. `alone` as above.
 */
int hf__command_answered_late(hf__draft *draft, const hf_txn *txn, const hf__txn_answer *answer,
                              bool alone);

#endif
