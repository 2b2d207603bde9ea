/*
 * retail_ops.c - writes the operations of an import.
 *
 * Every operation has an id made of the time and number of its invoice, so the same file always
 * gives the same operations, and replaying it twice changes nothing.
 */
#include "retail_ops.h"
#include "cli.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct id_text {
    char text[37];
} id_text;

static const char *number_of(const retail *data, const retail_invoice *invoice)
{
    return data->invoice_index.texts[invoice->index];
}

/* A customer's account; all who are not named share one. */
static const char *account_of(const retail *data, uint32_t customer)
{
    return customer == 0 ? "guest" : data->customer_index.texts[customer];
}

static id_text id_of(int64_t time_ms, const char *what, const char *name)
{
    char key[160];
    id_text out;
    hf_id id;
    (void)snprintf(key, sizeof(key), "retail/%s/%s", what, name);
    if (hf_id_from_key(time_ms, key, &id) != 0)
        exit(fail(EXIT_INPUT, "no id can be made of '%s'", key));
    (void)hf_id_format(&id, out.text);
    return out;
}

/* The id of what a row of an invoice leads to. */
static id_text row_id(const retail_origin *from, const char *what, uint32_t part)
{
    char name[96];
    (void)snprintf(name, sizeof(name), "%s/%" PRIu32 "/%" PRIu32,
                   number_of(from->data, from->invoice), from->row->no, part);
    return id_of(from->invoice->time_ms, what, name);
}

static id_text payment_id(const retail *data, const retail_invoice *invoice)
{
    return id_of(invoice->time_ms, "payment", number_of(data, invoice));
}

/* Prints one operation; takes over `args`. */
static void write_op(const char *op, id_text id, json_t *args)
{
    json_t *line = json_pack("{s:s, s:s, s:o}", "op", op, "id", id.text, "args", args);
    if (line == NULL)
        exit(fail(EXIT_STORE, "out of memory"));
    (void)json_dumpf(line, stdout, JSON_COMPACT);
    (void)putchar('\n');
    json_decref(line);
}

/* When the first invoice was written: the shop is filled before it. */
static int64_t start_of(const retail *data)
{
    return data->invoices[data->by_time[0]].time_ms;
}

void retail_put_item(const retail *data, uint32_t code, int64_t opening)
{
    const char *sku = data->code_index.texts[code];
    write_op("item_put", id_of(start_of(data), "item", sku),
             json_pack("{s:{s:s}, s:s, s:I}", "key", "name", sku, "mode", "OPEN_IF_ABSENT",
                       "opening", (json_int_t)opening));
}

void retail_put_account(const retail *data, uint32_t customer, int64_t opening)
{
    const char *name = account_of(data, customer);
    write_op("account_put", id_of(start_of(data), "account", name),
             json_pack("{s:{s:s, s:s, s:s}, s:s, s:I, s:i}", "key", "kind", "MONEY", "name", name,
                       "unit", RETAIL_UNIT, "mode", "OPEN_IF_ABSENT", "opening",
                       (json_int_t)opening, "unit_scale", RETAIL_SCALE));
}

static json_t *lines_of(const retail *data, const retail_invoice *invoice)
{
    json_t *lines = json_array();
    for (uint32_t at = invoice->first; at != 0; at = data->rows[at - 1].next) {
        const retail_row *row = &data->rows[at - 1];
        if (!retail_is_line(invoice, row))
            continue;
        json_t *line =
            json_pack("{s:s, s:I, s:I}", "sku", data->code_index.texts[row->code], "quantity",
                      (json_int_t)row->quantity, "unit_price", (json_int_t)row->price);
        if (!data->codes[row->code].tracked)
            (void)json_object_set_new(line, "untracked", json_true());
        (void)json_array_append_new(lines, line);
    }
    return lines;
}

void retail_place(const retail *data, const retail_invoice *invoice)
{
    const char *number = number_of(data, invoice);
    json_t *args = json_pack("{s:s, s:s, s:s, s:I, s:o}", "customer",
                             data->customer_index.texts[invoice->customer], "currency", RETAIL_UNIT,
                             "external_ref", number, "total", (json_int_t)invoice->total, "lines",
                             lines_of(data, invoice));
    if (invoice->total > 0)
        (void)json_object_set_new(
            args, "payments",
            json_pack("[{s:s, s:{s:s, s:s, s:s}, s:I}]", "id", payment_id(data, invoice).text,
                      "account", "kind", "MONEY", "name", account_of(data, invoice->customer),
                      "unit", RETAIL_UNIT, "amount", (json_int_t)invoice->total));
    write_op("order_place", id_of(invoice->time_ms, "order", number), args);
}

void retail_adjust(const retail_origin *from, int64_t units)
{
    write_op("item_adjust", row_id(from, "adjust", 0),
             json_pack("{s:{s:s}, s:s, s:I}", "key", "name",
                       from->data->code_index.texts[from->row->code], "mode", "BY", "quantity",
                       (json_int_t)units));
}

void retail_take_back(const retail_origin *from, const retail_return *what)
{
    const retail *data = from->data;
    id_text order = id_of(what->order->time_ms, "order", number_of(data, what->order));
    json_t *args = json_pack("{s:s, s:[{s:i, s:I}], s:s}", "order", order.text, "lines", "line",
                             (int)what->line, "quantity", (json_int_t)what->units, "refund_mode",
                             what->refund > 0 ? "NAMED" : "NONE");
    if (what->refund > 0)
        (void)json_object_set_new(args, "refunds",
                                  json_pack("[{s:s, s:I}]", "payment",
                                            payment_id(data, what->order).text, "amount",
                                            (json_int_t)what->refund));
    write_op("order_return", row_id(from, "return", what->part), args);
}

void retail_report(const retail_origin *from, retail_fact kind, int64_t amount)
{
    static const char *const kinds[] = {"CAPTURED", "REFUNDED", "CHARGEBACK"};
    char reference[96];
    (void)snprintf(reference, sizeof(reference), "%s/%" PRIu32,
                   number_of(from->data, from->invoice), from->row->no);
    write_op("payment_report", row_id(from, "fact", 0),
             json_pack("{s:s, s:s, s:s, s:I, s:I, s:s}", "provider", "retail", "fact_ref",
                       reference, "unit", RETAIL_UNIT, "amount", (json_int_t)amount,
                       "provider_time_ms", (json_int_t)from->invoice->time_ms, "kind",
                       kinds[kind]));
}
