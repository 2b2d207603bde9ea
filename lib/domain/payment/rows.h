/*
 * rows.h - the rows that the steps of a payment read, named before the decision.
 */
#ifndef HF_DOMAIN_PAYMENT_ROWS_H
#define HF_DOMAIN_PAYMENT_ROWS_H

#include "domain/core/draft.h"

#include <holdfast/payment.h>

/*
 * Names the account of a payment, or the leases of the commands that one operation may start for it
 * at its provider. Returns the position of the account in the draft; 0: it has none, or it is
 * missing.
 */
uint32_t hf__load_payment(hf__draft *draft, const hf_payment *payment);

/* The same for a payment that is added with `id`, and whatever may have this id already. */
uint32_t hf__load_new_payment(hf__draft *draft, const hf_payment_args *args, const hf_id *id);

#endif
