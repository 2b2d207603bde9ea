/*
 * total.c - hf_order_total: what an order will cost, computed before it is placed.
 *
 * Happy path: the arguments are checked as hf_order_place checks them, then added up by the code
 * that decides (base/money/order_sum.h). Nothing is read or changed, so no engine is needed.
 *
 * Failure modes: the errors of both, with the culprit in the caller's buffer.
 */
#include "api/check.h"
#include "base/money/order_sum.h"

#include <holdfast/order.h>
#include <stdio.h>
#include <string.h>

static const void *element(const void *first, uint32_t bytes, uint32_t at)
{
    return (const uint8_t *)first + (size_t)bytes * at;
}

static int add_up(const hf_order_place_args *args, int64_t *line_totals, int64_t *total,
                  hf__detail *detail)
{
    hf__order_sum sum = {
        .detail = detail, .line_totals = line_totals, .line_count = args->line_count};
    if (args->line_count != 0)
        memset(line_totals, 0, args->line_count * sizeof *line_totals);
    int error = 0;
    for (uint32_t i = 0; error == 0 && i < args->adjustment_count; i++) {
        const hf_adjustment_args *one = element(args->adjustments, args->adjustment_bytes, i);
        error = hf__sum_adjustment(&sum, i + 1, one->line, one->amount);
    }
    for (uint32_t i = 0; error == 0 && i < args->line_count; i++) {
        const hf_line_args *one = element(args->lines, args->line_bytes, i);
        error = hf__sum_line(&sum, i,
                             &(hf__line_price){one->quantity, one->unit_price, one->price_per});
    }
    int64_t given = 0;
    if (error == 0)
        error = hf__sum_end(&sum, &given);
    if (error == 0)
        *total = given;
    return error;
}

/* Computes the total for a caller that does not ask for the totals of the lines. */
static int add_up_here(const hf_order_place_args *args, int64_t *total, hf__detail *detail)
{
    int64_t line_totals[HF_LINES_MAX];
    return add_up(args, line_totals, total, detail);
}

static int compute(const hf_order_place_args *args, int64_t *line_totals, int64_t *total,
                   hf__detail *detail)
{
    if (total == NULL)
        return hf__refuse(detail, HF_E_ARGUMENT, "total: is NULL");
    int error = hf__check_args(HF_OP_ORDER_PLACE, args, 0, detail);
    if (error != 0)
        return error;
    return line_totals != NULL ? add_up(args, line_totals, total, detail)
                               : add_up_here(args, total, detail);
}

int hf_order_total(const hf_order_place_args *args, int64_t *line_totals, int64_t *total,
                   char *error, size_t error_bytes)
{
    hf__detail detail = {.text = ""};
    int status = compute(args, line_totals, total, &detail);
    if (error != NULL && error_bytes != 0)
        (void)snprintf(error, error_bytes, "%s", detail.text);
    return status;
}
