/*
 * load.h - an order and the rows that belong to it, named before the decision.
 *
 * A load reads an order with its parts, then names the accounts of the lines and payments that the
 * operation may change. It is called again until nothing is missing, and changes nothing. The
 * decision takes the order from hf__order_loaded and finds every other row by its key.
 */
#ifndef HF_DOMAIN_LIFECYCLE_LOAD_H
#define HF_DOMAIN_LIFECYCLE_LOAD_H

#include "domain/order/load.h"

/* Which lines of an order an operation may move. */
typedef enum hf__lines_moved {
    HF__LINES_ALL = 0, /* each, and it takes no more of their accounts */
    HF__LINES_NAMED,   /* of a confirmed order those that the caller names with hf__load_line; of
                          any other each, and an order that holds nothing may take what it needs */
} hf__lines_moved;

/*
 * Reads an order and names what belongs to it: queues and accounts of its lines, accounts and
 * leases of its payments. NULL until all parts are there, or when there is no such order. `added`
 * may be NULL.
 */
hf__order *hf__load_order(hf__draft *draft, const hf_id *id, const hf__order_added *added,
                          hf__lines_moved moved);

/* The same in two steps: the order with its parts, then what belongs to it. */
hf__order *hf__load_parts(hf__draft *draft, const hf_id *id, const hf__order_added *added);
void hf__load_accounts(hf__draft *draft, const hf__order *order, hf__lines_moved moved);

/* Names the accounts of a line, of which at most `units` more may be held or moved. */
void hf__load_line(hf__draft *draft, const hf__order *order, uint32_t line, int64_t units);

/*
 * The order with this placed_seq takes up to `amount` more of the account at `at`: reads who waits
 * before it, and what must happen first (shortage.h). Nothing when one of them is 0.
 */
void hf__load_taken(hf__draft *draft, uint32_t at, int64_t amount, uint64_t place_seq);

/* The order that a load has read. 0, HF_E_NOT_FOUND, HF_E_CORRUPT, HF_E_NOMEM. */
int hf__order_loaded(const hf__draft *draft, hf__order **order);

#endif
