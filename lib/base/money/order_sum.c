/*
 * order_sum.c - lines and adjustments of an order added up, with checked arithmetic.
 *
 * Failure modes: HF_E_LINE_UNKNOWN, HF_E_OVERFLOW, HF_E_AMOUNT (a line whose discounts exceed it:
 * shares of it would not grow with the units), HF_E_TOTAL; the detail names line or adjustment.
 */
#include "base/money/order_sum.h"

#include "base/money/checked.h"

#include <holdfast/money.h>

int hf__sum_adjustment(hf__order_sum *sum, uint32_t no, uint32_t line, int64_t amount)
{
    if (line > sum->line_count)
        return hf__refuse(sum->detail, HF_E_LINE_UNKNOWN, "adjustment %u: line %u of %u", no, line,
                          sum->line_count);
    int64_t *to = line == 0 ? &sum->own : &sum->line_totals[line - 1];
    if (!hf__add(*to, amount, to))
        return hf__refuse(sum->detail, HF_E_OVERFLOW, "adjustment %u: the sum does not fit", no);
    return 0;
}

int hf__sum_line(hf__order_sum *sum, uint32_t line, const hf__line_price *price)
{
    int64_t total;
    if (hf_money_muldiv(price->quantity, price->unit_price, price->price_per, HF_ROUND_HALF_UP,
                        &total) != 0 ||
        !hf__add(total, sum->line_totals[line], &total))
        return hf__refuse(sum->detail, HF_E_OVERFLOW, "line %u: %lld x %lld / %lld does not fit",
                          line + 1, (long long)price->quantity, (long long)price->unit_price,
                          (long long)price->price_per);
    if (total < 0)
        return hf__refuse(sum->detail, HF_E_AMOUNT, "line %u: its total of %lld is below zero",
                          line + 1, (long long)total);
    if (!hf__add(sum->lines, total, &sum->lines))
        return hf__refuse(sum->detail, HF_E_OVERFLOW, "line %u: the order's total", line + 1);
    sum->line_totals[line] = total;
    return 0;
}

int hf__sum_end(const hf__order_sum *sum, int64_t *total)
{
    if (!hf__add(sum->lines, sum->own, total))
        return hf__refuse(sum->detail, HF_E_OVERFLOW, "the order's total");
    if (*total < 0)
        return hf__refuse(sum->detail, HF_E_TOTAL, "lines and adjustments give %lld, below zero",
                          (long long)*total);
    return 0;
}
