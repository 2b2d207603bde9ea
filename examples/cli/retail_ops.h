/*
 * retail_ops.h - writes the operations an import consists of, one JSON object a line.
 */
#ifndef CLI_RETAIL_OPS_H
#define CLI_RETAIL_OPS_H

#include "retail.h"

/* Where an operation comes from; its id is made of the invoice's time and these. */
typedef struct retail_origin {
    const retail *data;
    const retail_invoice *invoice;
    const retail_row *row;
} retail_origin;

/* Units of one line of an earlier order that come back. */
typedef struct retail_return {
    const retail_invoice *order;
    uint32_t line; /* of the order, from 1 */
    uint32_t part; /* of the row, from 1 */
    int64_t units;
    int64_t refund; /* 0: none */
} retail_return;

/* Kinds of facts, as in the operation payment_report. */
typedef enum retail_fact { FACT_CAPTURED, FACT_REFUNDED, FACT_CHARGEBACK } retail_fact;

/* An item with its opening stock, and a customer's money account with what will be spent. */
void retail_put_item(const retail *data, uint32_t code, int64_t opening);
void retail_put_account(const retail *data, uint32_t customer, int64_t opening);

/* A sale: one order with all its lines. */
void retail_place(const retail *data, const retail_invoice *invoice);

/* A write-off, or goods that come back without an order; units not 0. */
void retail_adjust(const retail_origin *from, int64_t units);

/* Goods that come back to their order. */
void retail_take_back(const retail_origin *from, const retail_return *what);

/* Money that no order knows of. */
void retail_report(const retail_origin *from, retail_fact kind, int64_t amount);

#endif
