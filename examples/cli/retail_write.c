/*
 * retail_write.c - decides what each invoice becomes.
 *
 *   sale           one order of all its rows, paid from the customer's account; it is refused
 *                  when a product is short, as the engine will refuse it (stock is simulated)
 *     write-off    a row with a negative quantity: a stock-take
 *   cancellation   each row goes back to that customer's earlier lines of the same code, newest
 *                  first, with exactly its money; what finds no line, or no money, is a fact, and
 *                  the goods a stock-take
 *   bad debt       facts
 *
 * Happy path: items and accounts first, then the invoices by time. The totals on standard error
 * are of the file, split by what became of it: they add up to it.
 */
#include "cli.h"
#include "common/memory.h"
#include "retail_ops.h"
#include "table.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* What became of a row or a part of it. */
typedef enum category {
    ORDERED,
    REFUSED,
    RETURNED,
    FACT_NOT_CAPTURED,
    FACT_NO_PURCHASE,
    FACT_TOO_MANY,
    FACT_ORDER_REFUSED,
    FACT_NO_CUSTOMER,
    BAD_DEBT_CHARGED,
    BAD_DEBT_TAKEN,
    WRITTEN_OFF,
    CATEGORIES
} category;

/* clang-format off */
static const char *const category_names[CATEGORIES] = {
    [ORDERED] = "ordered",
    [REFUSED] = "order to be refused: stock is short",
    [RETURNED] = "returned and refunded",
    [FACT_NOT_CAPTURED] = "fact: refunded more than was paid",
    [FACT_NO_PURCHASE] = "fact: returned without a purchase",
    [FACT_TOO_MANY] = "fact: returned more than was bought",
    [FACT_ORDER_REFUSED] = "fact: returned of a refused order",
    [FACT_NO_CUSTOMER] = "fact: returned by nobody known",
    [BAD_DEBT_CHARGED] = "fact: bad debt charged",
    [BAD_DEBT_TAKEN] = "fact: bad debt taken back",
    [WRITTEN_OFF] = "written off",
};
/* clang-format on */

/* What is left of a line of an order; the newest of its customer and code comes first. */
typedef struct lot {
    int64_t left;
    uint32_t invoice; /* by number */
    uint32_t line;
    uint32_t next; /* + 1; 0: none */
} lot;

/* A customer and a code. */
typedef struct pair {
    uint32_t newest; /* lot + 1; 0: none */
    bool refused;    /* one of its orders was */
} pair;

typedef struct import {
    retail *data;
    text_index pair_index;
    pair *pairs;
    size_t pair_capacity;
    lot *lots;
    size_t lot_count, lot_capacity;
    uint64_t rows[CATEGORIES];
    int64_t amounts[CATEGORIES];
    uint64_t operations;
} import;

static void count(import *in, category what, int64_t amount)
{
    in->rows[what]++;
    in->amounts[what] += amount;
}

static pair *pair_of(import *in, uint32_t customer, uint32_t code)
{
    char key[24];
    (void)snprintf(key, sizeof(key), "%" PRIx32 "/%" PRIx32, customer, code);
    uint32_t number = text_index_put(&in->pair_index, key);
    in->pairs = grow_memory(in->pairs, &in->pair_capacity, (size_t)number + 1, sizeof(*in->pairs));
    return &in->pairs[number];
}

/* ---- Sales ----------------------------------------------------------------------------------- */

/* Takes (sign -1) or returns (sign 1) the stock of an order's lines; true: none is short. */
static bool move_stock(import *in, const retail_invoice *invoice, int sign)
{
    bool enough = true;
    for (uint32_t at = invoice->first; at != 0; at = in->data->rows[at - 1].next) {
        const retail_row *row = &in->data->rows[at - 1];
        retail_code *code = &in->data->codes[row->code];
        if (!code->tracked || !retail_is_line(invoice, row))
            continue;
        code->stock += sign * row->quantity;
        enough = enough && code->stock >= 0;
    }
    return enough;
}

/* Remembers an order's line for the returns to come. */
static void remember(import *in, const retail_invoice *invoice, const retail_row *row,
                     uint32_t line)
{
    if (invoice->customer == 0)
        return;
    pair *of = pair_of(in, invoice->customer, row->code);
    if (invoice->refused) {
        of->refused = true;
        return;
    }
    in->lots = grow_memory(in->lots, &in->lot_capacity, in->lot_count + 1, sizeof(*in->lots));
    in->lots[in->lot_count++] =
        (lot){.left = row->quantity, .invoice = invoice->index, .line = line, .next = of->newest};
    of->newest = (uint32_t)in->lot_count;
}

static void write_off(import *in, const retail_origin *from)
{
    int64_t amount = from->row->quantity * from->row->price;
    in->data->codes[from->row->code].stock += from->row->quantity;
    retail_adjust(from, from->row->quantity);
    count(in, WRITTEN_OFF, amount);
    in->operations++;
    if (amount != 0) {
        retail_report(from, amount < 0 ? FACT_REFUNDED : FACT_CAPTURED, llabs(amount));
        in->operations++;
    }
}

static void report(import *in, const retail_origin *from)
{
    int64_t amount = from->row->quantity * from->row->price;
    retail_report(from, amount < 0 ? FACT_CHARGEBACK : FACT_CAPTURED, llabs(amount));
    count(in, amount < 0 ? BAD_DEBT_TAKEN : BAD_DEBT_CHARGED, amount);
    in->operations++;
}

static void write_sale(import *in, retail_invoice *invoice)
{
    if (invoice->line_count > 0) {
        invoice->refused = !move_stock(in, invoice, -1) || invoice->line_count > HF_LINES_MAX;
        if (invoice->refused)
            (void)move_stock(in, invoice, 1);
        retail_place(in->data, invoice);
        in->operations++;
    }
    uint32_t line = 0;
    for (uint32_t at = invoice->first; at != 0; at = in->data->rows[at - 1].next) {
        const retail_row *row = &in->data->rows[at - 1];
        const retail_origin from = {in->data, invoice, row};
        if (retail_is_line(invoice, row)) {
            remember(in, invoice, row, ++line);
            count(in, invoice->refused ? REFUSED : ORDERED, row->quantity * row->price);
        } else if (row->quantity < 0) {
            write_off(in, &from);
        } else {
            report(in, &from);
        }
    }
}

/* ---- Cancellations --------------------------------------------------------------------------- */

/* Gives units of a row back to the newest lot that has some left. */
static void take_back(import *in, const retail_origin *from, lot *of, retail_return *back)
{
    retail_invoice *order = &in->data->invoices[of->invoice];
    int64_t worth = back->units * from->row->price;
    int64_t left = order->total - order->refunded;
    back->order = order;
    back->line = of->line;
    back->refund = worth < left ? worth : left;
    back->part++;
    order->refunded += back->refund;
    of->left -= back->units;
    if (in->data->codes[from->row->code].tracked)
        in->data->codes[from->row->code].stock += back->units;
    retail_take_back(from, back);
    in->operations++;
    count(in, RETURNED, -back->refund);
    if (worth > back->refund)
        count(in, FACT_NOT_CAPTURED, back->refund - worth);
}

/* Why units of a row found no line. */
static category why_left(const retail_origin *from, const pair *of)
{
    if (from->invoice->customer == 0)
        return FACT_NO_CUSTOMER;
    if (of->refused)
        return FACT_ORDER_REFUSED;
    return of->newest != 0 ? FACT_TOO_MANY : FACT_NO_PURCHASE;
}

static void write_cancellation(import *in, const retail_origin *from)
{
    const retail_row *row = from->row;
    const pair *of = pair_of(in, from->invoice->customer, row->code);
    int64_t left = -row->quantity;
    int64_t refunded = 0;
    retail_return back = {.part = 0};
    for (uint32_t at = of->newest; at != 0 && left > 0; at = in->lots[at - 1].next) {
        lot *one = &in->lots[at - 1];
        if (one->left == 0)
            continue;
        back.units = one->left < left ? one->left : left;
        take_back(in, from, one, &back);
        left -= back.units;
        refunded += back.refund;
    }
    if (left > 0)
        count(in, why_left(from, of), -left * row->price);
    int64_t rest = -row->quantity * row->price - refunded;
    if (left > 0 || rest > 0) {
        retail_report(from, FACT_REFUNDED, rest);
        in->operations++;
    }
    if (left > 0 && in->data->codes[row->code].tracked) {
        in->data->codes[row->code].stock += left;
        retail_adjust(from, left);
        in->operations++;
    }
}

/* ---- All of it ------------------------------------------------------------------------------- */

static void write_rows(import *in, const retail_invoice *invoice)
{
    for (uint32_t at = invoice->first; at != 0; at = in->data->rows[at - 1].next) {
        const retail_origin from = {in->data, invoice, &in->data->rows[at - 1]};
        if (invoice->kind == INVOICE_CANCELLATION)
            write_cancellation(in, &from);
        else
            report(in, &from);
    }
}

static void fill_shop(import *in, int64_t stock_percent)
{
    retail *data = in->data;
    for (uint32_t i = 0; i < data->code_index.count; i++) {
        retail_code *code = &data->codes[i];
        if (!code->counted)
            continue;
        code->stock = code->tracked ? (code->sold * stock_percent + 99) / 100 : 0;
        retail_put_item(data, i, code->stock);
        in->operations++;
    }
    for (uint32_t i = 0; i < data->customer_index.count; i++) {
        retail_put_account(data, i, data->spent[i]);
        in->operations++;
    }
}

static const retail_invoice *sorted_invoices; /* what qsort cannot be given */

static int compare_time(const void *left, const void *right)
{
    const retail_invoice *a = &sorted_invoices[*(const uint32_t *)left];
    const retail_invoice *b = &sorted_invoices[*(const uint32_t *)right];
    if (a->time_ms != b->time_ms)
        return a->time_ms < b->time_ms ? -1 : 1;
    return a->first < b->first ? -1 : a->first > b->first;
}

static void sort_invoices(retail *data)
{
    size_t n = data->invoice_index.count;
    data->by_time = take_memory(n, sizeof(*data->by_time));
    for (size_t i = 0; i < n; i++)
        data->by_time[i] = (uint32_t)i;
    sorted_invoices = data->invoices;
    qsort(data->by_time, n, sizeof(*data->by_time), compare_time);
}

static void amount_cell(table *t, int64_t amount)
{
    char text[32];
    (void)snprintf(text, sizeof(text), "%s%lld.%03lld", amount < 0 ? "-" : "", llabs(amount) / 1000,
                   llabs(amount) % 1000);
    table_text(t, text);
}

static void sum_row(table *t, const char *name, size_t rows, int64_t amount)
{
    table_row(t);
    table_text(t, name);
    table_number(t, (int64_t)rows);
    amount_cell(t, amount);
}

static void print_totals(const import *in, bool json)
{
    static const table_column columns[] = {
        {"what", CELL_TEXT}, {"rows", CELL_NUMBER}, {RETAIL_UNIT, CELL_NUMBER}};
    const retail *data = in->data;
    size_t parts = 0, positive_rows = 0, cancelled_rows = 0;
    int64_t sum = 0, positive = 0, cancelled = 0;
    table *t = table_create("totals", columns, 3);
    for (int i = 0; i < CATEGORIES; i++) {
        sum_row(t, category_names[i], in->rows[i], in->amounts[i]);
        parts += in->rows[i];
        sum += in->amounts[i];
    }
    for (size_t i = 0; i < data->invoice_index.count; i++) {
        for (uint32_t at = data->invoices[i].first; at != 0; at = data->rows[at - 1].next) {
            int64_t amount = data->rows[at - 1].quantity * data->rows[at - 1].price;
            bool cancels = data->invoices[i].kind == INVOICE_CANCELLATION;
            bool adds = data->rows[at - 1].quantity > 0;
            cancelled_rows += cancels;
            cancelled += cancels ? amount : 0;
            positive_rows += adds;
            positive += adds ? amount : 0;
        }
    }
    sum_row(t, "sum of the above", parts, sum);
    sum_row(t, "rows with a positive quantity", positive_rows, positive);
    sum_row(t, "rows of cancellations", cancelled_rows, cancelled);
    sum_row(t, "the whole file", data->row_count, positive + cancelled + in->amounts[WRITTEN_OFF]);
    (void)tables_print(stderr, &t, 1, json);
    table_destroy(t);
}

int retail_write(retail *data, int64_t stock_percent, bool json)
{
    if (data->row_count == 0)
        return EXIT_DONE;
import in = {.data = data };
    sort_invoices(data);
    fill_shop(&in, stock_percent);
    for (size_t i = 0; i < data->invoice_index.count; i++) {
        retail_invoice *invoice = &data->invoices[data->by_time[i]];
        if (invoice->kind == INVOICE_SALE)
            write_sale(&in, invoice);
        else
            write_rows(&in, invoice);
    }
    int result = finish_output(EXIT_DONE);
    if (result == EXIT_DONE)
        print_totals(&in, json);
    text_index_fini(&in.pair_index);
    free(in.pairs);
    free(in.lots);
    return result;
}

int command_import_retail(const options *opt)
{
    retail data = {0};
    int result = retail_read(&data, opt->names[0]);
    if (result == EXIT_DONE)
        result = retail_write(&data, opt->stock_percent, opt->json);
    retail_fini(&data);
    return result;
}
