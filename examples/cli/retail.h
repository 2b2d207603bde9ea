/*
 * retail.h - the Online Retail data: its rows in memory, and the operations made of them.
 *
 * Amounts are in thousandths of a pound: four prices of the data have three decimals.
 */
#ifndef CLI_RETAIL_H
#define CLI_RETAIL_H

#include "text_index.h"

#include <stdbool.h>
#include <stdint.h>

#define RETAIL_UNIT  "GBP"
#define RETAIL_SCALE 3

/* One row of the file. */
typedef struct retail_row {
    int64_t quantity; /* not 0 */
    int64_t price;
    uint32_t code; /* number in retail.codes */
    uint32_t no;   /* in its invoice, from 1 */
    uint32_t next; /* of the invoice: row + 1; 0: none */
} retail_row;

/* What an invoice is, by its number's first letter. */
typedef enum invoice_kind { INVOICE_SALE, INVOICE_CANCELLATION, INVOICE_BAD_DEBT } invoice_kind;

/* All rows with the same number. */
typedef struct retail_invoice {
    int64_t time_ms; /* of the first row */
    int64_t total;   /* of the rows that are order lines */
    int64_t refunded;
    uint32_t first, last; /* rows + 1 */
    uint32_t row_count;
    uint32_t line_count;
    uint32_t customer; /* number in retail.customers */
    uint32_t index;    /* number in retail.invoice_index */
    invoice_kind kind;
    bool refused; /* stock is short: the simulation says so, and the engine will */
} retail_invoice;

/* A stock code. */
typedef struct retail_code {
    int64_t sold;
    int64_t stock; /* simulated balance */
    bool tracked;  /* a product: orders hold its stock */
    bool counted;  /* it has an item: tracked, or written off somewhere */
} retail_code;

/* The whole file. Zero it before its first use. */
typedef struct retail {
    retail_row *rows;
    size_t row_count, row_capacity;
    retail_invoice *invoices; /* by number, later by time */
    size_t invoice_capacity;
    retail_code *codes;
    size_t code_capacity;
    int64_t *spent; /* by customer: what must lie on the account */
    size_t spent_capacity;
    uint32_t *by_time; /* numbers of invoices */
    text_index invoice_index;
    text_index code_index;
    text_index customer_index; /* 0 is "": no customer */
} retail;

/* Reads the file ("-": standard input); EXIT_DONE, or the code of a failure that has been
   reported. */
int retail_read(retail *data, const char *path);

/* Writes the operations to standard output and the totals to standard error. */
int retail_write(retail *data, int64_t stock_percent, bool json);

/* Frees everything. */
void retail_fini(retail *data);

/* What an order line is: a sale's row with goods that go out at a price of 0 or more. */
static inline bool retail_is_line(const retail_invoice *invoice, const retail_row *row)
{
    return invoice->kind == INVOICE_SALE && row->quantity > 0 && row->price >= 0;
}

#endif
