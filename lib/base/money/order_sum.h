/*
 * order_sum.h - what an order costs: its lines and adjustments added up to the smallest unit.
 *
 * The decisions that place and amend orders and hf_order_total share this one computation, so what
 * a host computes beforehand is what the engine asks for.
 */
#ifndef HF_BASE_MONEY_ORDER_SUM_H
#define HF_BASE_MONEY_ORDER_SUM_H

#include "base/text.h"

#include <stdint.h>

/* An order being added up: all adjustments first, then all lines in their order, then the end. */
typedef struct hf__order_sum {
    hf__detail *detail;   /* of a refusal */
    int64_t *line_totals; /* of each line: the sum of its adjustments, 0 at first, and when the line
                             was added its total */
    uint32_t line_count;
    int64_t own;   /* adjustments of the order itself; 0 at first */
    int64_t lines; /* sum of the totals of the lines that were added; 0 at first */
} hf__order_sum;

/* What a line costs without adjustments: quantity * unit_price / price_per, rounded half up. */
typedef struct hf__line_price {
    int64_t quantity;
    int64_t unit_price;
    int64_t price_per;
} hf__line_price;

/* Adds adjustment `no`, from 1, of line `line`, from 1; 0: of the order. HF_E_LINE_UNKNOWN,
 * HF_E_OVERFLOW. */
int hf__sum_adjustment(hf__order_sum *sum, uint32_t no, uint32_t line, int64_t amount);

/* Adds the line at index `line`. HF_E_OVERFLOW, HF_E_AMOUNT: its total is below zero. */
int hf__sum_line(hf__order_sum *sum, uint32_t line, const hf__line_price *price);

/* The order's total. HF_E_OVERFLOW, HF_E_TOTAL: it is below zero. */
int hf__sum_end(const hf__order_sum *sum, int64_t *total);

#endif
