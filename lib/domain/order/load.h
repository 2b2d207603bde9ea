/*
 * load.h - a whole order in the draft: what every order operation works on.
 *
 * Rows are read as they are and copied when they are first edited. Arrays have capacity for what
 * the operation adds. Nothing of it outlives the draft.
 */
#ifndef HF_DOMAIN_ORDER_LOAD_H
#define HF_DOMAIN_ORDER_LOAD_H

#include "domain/core/draft.h"

/* A row of each kind: as it is now, and the same as a copy to change (NULL until it is edited). */
typedef struct hf__line {
    const hf_order_line *row;
    hf_order_line *edit;
    uint32_t first; /* index of its leg 1 in `legs` of the order */
    uint32_t reserved;
} hf__line;

typedef struct hf__leg {
    const hf_order_leg *row;
    hf_order_leg *edit;
} hf__leg;

typedef struct hf__payment {
    const hf_payment *row;
    hf_payment *edit;
} hf__payment;

typedef struct hf__order {
    const hf_order *row; /* it has the counts of lines, adjustments and payments */
    hf_order *edit;      /* NULL until hf__order_edit */
    hf__line *lines;
    hf__leg *legs; /* further legs, by line and no */
    const hf_adjustment **adjustments;
    hf__payment *payments;
    int64_t *values;       /* of each line, see total.h; NULL until they are needed */
    uint32_t leg_count;    /* of `legs` */
    uint32_t state_before; /* as it was found; NONE: placed by this operation */
} hf__order;

/* Where the load of an order that is placed has its rows in hf__draft.loaded. */
enum { HF__PLACE_SERIES, HF__PLACE_CURRENCY, HF__PLACE_UNIT /* of its first line in an account */ };

/* How many rows an operation adds to an order. */
typedef struct hf__order_added {
    uint32_t lines;
    uint32_t legs; /* further legs */
    uint32_t adjustments;
    uint32_t payments;
} hf__order_added;

/* The element at `at` of an array of arguments whose elements are `bytes` apart. */
static inline const void *hf__element(const void *first, uint32_t bytes, uint32_t at)
{
    return (const uint8_t *)first + (size_t)at * bytes;
}

/* A new order row with `id` and empty arrays of the size of `added`. 0, HF_E_NOMEM. */
int hf__order_new(hf__draft *draft, const hf_id *id, const hf__order_added *added, hf__order **out);

/*
 * Reads an order with everything that belongs to it. 0; HF__MISSING when the view does not have a
 * row, and then the other rows are named nevertheless; HF_E_NOT_FOUND; HF_E_NOMEM; HF_E_CORRUPT:
 * the store has lost a part. `added` NULL: the operation adds nothing.
 */
int hf__order_load(hf__draft *draft, const hf_id *id, const hf__order_added *added,
                   hf__order **out);

/*
 * HF_E_EXPIRED for an order that is not confirmed and whose deadline has come, whether or not the
 * engine has run EXPIRE for it by now.
 */
int hf__order_in_time(const hf__draft *draft, const hf_order *order);

/* The copies to change. The order's version moves with its first edit. */
int hf__order_edit(hf__draft *draft, hf__order *order);
int hf__order_line_edit(hf__draft *draft, hf__order *order, uint32_t line, hf_order_line **out);
int hf__order_leg_edit(hf__draft *draft, hf__order *order, uint32_t line, uint32_t leg,
                       hf_leg **out);
int hf__order_payment_edit(hf__draft *draft, hf__order *order, uint32_t payment, hf_payment **out);

/* New rows at the end; numbered; the caller fills them. Legs are added to new lines in order. */
int hf__order_line_add(hf__draft *draft, hf__order *order, hf_order_line **out);
int hf__order_leg_add(hf__draft *draft, hf__order *order, uint32_t line, hf_leg **out);
int hf__order_adjustment_add(hf__draft *draft, hf__order *order, const hf_adjustment_args *args);
int hf__order_payment_add(hf__draft *draft, hf__order *order, const hf_id *id, hf_payment **out);

/* Leg 0 is the line's own. */
const hf_leg *hf__order_leg(const hf__order *order, uint32_t line, uint32_t leg);

/* Appends the change of a line's counters to the event. */
int hf__line_changed(hf__draft *draft, const hf_order_line *line, int64_t fulfilled,
                     int64_t cancelled, int64_t returned);

/* Appends the change of a line's quantity to the event. */
int hf__line_quantity_changed(hf__draft *draft, const hf_order_line *line, int64_t by);

#endif
