/*
 * total.c - totals to the smallest unit, and shares of them that always add up.
 *
 * Why one formula for everything partial: fulfilments, cancellations and returns come in any order
 * and size. Each is the difference of two cumulative shares, so the last one takes the exact
 * remainder whatever came before.
 *
 * Happy path: totals at place and amend, values when a step is partial.
 *
 * Failure modes: HF_E_OVERFLOW, HF_E_TOTAL (both sums named), HF_E_AMOUNT (a line whose discounts
 * exceed it: shares would not grow with the units).
 */
#include "domain/order/total.h"
#include "base/invariant.h"
#include "base/money/order_sum.h"

static int add_adjustments(hf__order_sum *sum, const hf__order *order)
{
    int error = 0;
    for (uint32_t i = 0; error == 0 && i < order->row->adjustment_count; i++)
        error = hf__sum_adjustment(sum, i + 1, order->adjustments[i]->line,
                                   order->adjustments[i]->amount);
    return error;
}

static int set_line_total(hf__draft *draft, hf__order *order, uint32_t line, hf__order_sum *sum)
{
    const hf_order_line *row = order->lines[line].row;
    const hf__line_price price = {row->quantity, row->unit_price, row->price_per};
    int error = hf__sum_line(sum, line, &price);
    if (error != 0 || sum->line_totals[line] == row->total)
        return error;
    hf_order_line *edit = NULL;
    error = hf__order_line_edit(draft, order, line, &edit);
    if (error == 0)
        edit->total = sum->line_totals[line];
    return error;
}

int hf__order_set_totals(hf__draft *draft, hf__order *order, int64_t given)
{
    uint32_t lines = order->row->line_count;
    hf__order_sum sum = {.detail = draft->detail, .line_count = lines};
    sum.line_totals = hf__draft_alloc(draft, lines * sizeof *sum.line_totals);
    if (sum.line_totals == NULL)
        return HF_E_NOMEM;
    int64_t total = 0;
    int error = add_adjustments(&sum, order);
    for (uint32_t i = 0; error == 0 && i < lines; i++)
        error = set_line_total(draft, order, i, &sum);
    if (error == 0)
        error = hf__sum_end(&sum, &total);
    if (error != 0)
        return error;
    if (total != given)
        return hf__refuse(draft->detail, HF_E_TOTAL, "lines and adjustments give %lld, not %lld",
                          (long long)total, (long long)given);
    order->edit->total = total;
    order->values = NULL;
    return 0;
}

/* The weights that split the order's own adjustments over its lines. */
static bool set_weights(const hf__order *order, int64_t *weights)
{
    bool some = false;
    for (uint32_t i = 0; i < order->row->line_count; i++) {
        weights[i] = order->lines[i].row->total;
        some = some || weights[i] > 0;
    }
    for (uint32_t i = 0; !some && i < order->row->line_count; i++)
        weights[i] = 1;
    return some;
}

int hf__order_set_values(hf__draft *draft, hf__order *order)
{
    if (order->values != NULL)
        return 0;
    uint32_t lines = order->row->line_count;
    int64_t *values = hf__draft_alloc(draft, lines * sizeof *values);
    if (values == NULL)
        return HF_E_NOMEM;
    int64_t own = order->row->total;
    for (uint32_t i = 0; i < lines; i++) {
        values[i] = order->lines[i].row->total;
        own -= values[i]; /* every total is >= 0: this cannot leave the range */
    }
    order->values = values;
    if (own == 0 || lines == 0)
        return 0;
    int64_t *weights = hf__draft_alloc(draft, 2 * (size_t)lines * sizeof *weights);
    if (weights == NULL)
        return HF_E_NOMEM;
    int64_t *parts = weights + lines;
    set_weights(order, weights);
    int error = hf_money_split(own, weights, lines, parts);
    if (!hf_invariant(error == 0))
        return HF_E_INVARIANT;
    for (uint32_t i = 0; i < lines; i++)
        values[i] += parts[i];
    return 0;
}

/*
 * hf_money_split over (units, the rest) gives the first its floor, and one more when its remainder
 * is the larger or both are equal: that is half up.
 */
int64_t hf__order_share(const hf__order *order, uint32_t line, int64_t units)
{
    int64_t value = order->values[line];
    int64_t quantity = order->lines[line].row->quantity;
    if (units == 0 || units == quantity)
        return units == 0 ? 0 : value;
    int64_t share = 0;
    int error = hf_money_muldiv(value, units, quantity, HF_ROUND_HALF_UP, &share);
    (void)hf_invariant(error == 0);
    return share;
}

int hf__order_dues(hf__draft *draft, hf__order *order, hf__dues *out)
{
    int error = hf__order_set_values(draft, order);
    bool bare = order->row->line_count == 0;
    *out = (hf__dues){.needed = bare ? order->row->total : 0, .due = bare ? order->row->total : 0};
    for (uint32_t i = 0; error == 0 && i < order->row->line_count; i++) {
        const hf_order_line *line = order->lines[i].row;
        out->needed += hf__order_share(order, i, line->quantity - line->cancelled);
        out->due += hf__order_share(order, i, line->fulfilled);
        out->returned += hf__order_share(order, i, line->returned);
    }
    return error;
}
