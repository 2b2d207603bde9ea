/*
 * retail_read.c - reads the Online Retail CSV into memory, and counts what was sold of each code.
 *
 * Failure modes: another header, a field that is not what its column says, CSV that is not CSV:
 * each is reported with line and column.
 */
#include "cli.h"
#include "common/memory.h"
#include "common/when.h"
#include "csv.h"
#include "retail.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { INVOICE, CODE, DESCRIPTION, QUANTITY, DATE, PRICE, CUSTOMER, COUNTRY, COLUMNS };

static const char *const header[COLUMNS] = {"InvoiceNo",   "StockCode", "Description", "Quantity",
                                            "InvoiceDate", "UnitPrice", "CustomerID",  "Country"};

/* With these, no sum of a file that fits in memory leaves int64. */
#define QUANTITY_MAX INT64_C(10000000)
#define PRICE_MAX    INT64_C(100000000000)
#define AMOUNT_MAX   INT64_C(1000000000000)
#define TEXT_MAX     40u /* ids and references are made of it, with a suffix */

/* ---- Fields ---------------------------------------------------------------------------------- */

/* A decimal number with at most `scale` decimals, times 10^scale. */
static bool read_decimal(const char *text, int scale, int64_t max, int64_t *out)
{
    bool negative = *text == '-';
    const char *at = text + negative;
    int64_t value = 0;
    int decimals = -1; /* -1: no point yet */
    if (!isdigit((unsigned char)*at))
        return false;
    for (; *at != '\0'; at++) {
        if (*at == '.' && decimals < 0) {
            decimals = 0;
            continue;
        }
        if (!isdigit((unsigned char)*at) || decimals == scale || value > max)
            return false;
        value = value * 10 + (*at - '0');
        decimals += decimals >= 0;
    }
    for (int i = decimals < 0 ? 0 : decimals; i < scale; i++)
        value *= 10;
    *out = negative ? -value : value;
    return value <= max;
}

/* A number of one to four digits and what must stand behind it; moves *at on. */
static bool read_part(const char **at, char behind, int *out)
{
    int digits = 0;
    for (*out = 0; digits < 4 && isdigit((unsigned char)**at); digits++)
        *out = *out * 10 + (*(*at)++ - '0');
    return digits > 0 && *(*at)++ == behind;
}

/* "M/D/YYYY H:MM", taken as UTC. */
static bool read_date(const char *text, int64_t *out)
{
    int month = 0, day = 0, year = 0, hour = 0, minute = 0;
    const char *at = text;
    if (!read_part(&at, '/', &month) || !read_part(&at, '/', &day) || !read_part(&at, ' ', &year) ||
        !read_part(&at, ':', &hour) || !read_part(&at, '\0', &minute))
        return false;
    bool good = month >= 1 && month <= 12 && day >= 1 && day <= 31 && year >= 1970 && hour <= 23 &&
                minute <= 59;
    *out = ((when_days(year, month, day) * 24 + hour) * 60 + minute) * 60000;
    return good;
}

/* ---- Rows ------------------------------------------------------------------------------------ */

static invoice_kind kind_of(const char *number)
{
    if (number[0] == 'C')
        return INVOICE_CANCELLATION;
    return number[0] == 'A' ? INVOICE_BAD_DEBT : INVOICE_SALE;
}

static retail_invoice *find_invoice(retail *data, const char *number, int64_t time_ms)
{
    uint32_t index = text_index_put(&data->invoice_index, number);
    data->invoices = grow_memory(data->invoices, &data->invoice_capacity, (size_t)index + 1,
                                 sizeof(*data->invoices));
    retail_invoice *invoice = &data->invoices[index];
    if (invoice->first == 0)
        *invoice = (retail_invoice){.time_ms = time_ms, .index = index, .kind = kind_of(number)};
    return invoice;
}

static retail_code *find_code(retail *data, const char *text, uint32_t *number)
{
    *number = text_index_put(&data->code_index, text);
    data->codes =
        grow_memory(data->codes, &data->code_capacity, (size_t)*number + 1, sizeof(*data->codes));
    retail_code *code = &data->codes[*number];
    /* A product's code begins with five digits; POST, DOT, M, BANK CHARGES and so on do not. */
    code->tracked = strspn(text, "0123456789") >= 5;
    code->counted = code->counted || code->tracked;
    return code;
}

static void count_row(retail *data, retail_invoice *invoice, retail_code *code,
                      const retail_row *row)
{
    if (retail_is_line(invoice, row)) {
        code->sold += row->quantity;
        invoice->total += row->quantity * row->price;
        invoice->line_count++;
        data->spent[invoice->customer] += row->quantity * row->price;
    } else if (invoice->kind == INVOICE_SALE && row->quantity < 0) {
        code->counted = true;
    }
}

static void add_row(retail *data, const char *const *fields, retail_row row, int64_t time_ms)
{
    retail_invoice *invoice = find_invoice(data, fields[INVOICE], time_ms);
    retail_code *code = find_code(data, fields[CODE], &row.code);
    if (invoice->first == 0) {
        invoice->customer = text_index_put(&data->customer_index, fields[CUSTOMER]);
        data->spent = grow_memory(data->spent, &data->spent_capacity, (size_t)invoice->customer + 1,
                                  sizeof(*data->spent));
    }
    row.no = ++invoice->row_count;
    data->rows =
        grow_memory(data->rows, &data->row_capacity, data->row_count + 1, sizeof(*data->rows));
    data->rows[data->row_count++] = row;
    uint32_t number = (uint32_t)data->row_count;
    if (invoice->first == 0)
        invoice->first = number;
    else
        data->rows[invoice->last - 1].next = number;
    invoice->last = number;
    count_row(data, invoice, code, &row);
}

/* ---- The file -------------------------------------------------------------------------------- */

static int wrong(const char *path, const csv *reader, int column, const char *why)
{
    return fail(EXIT_INPUT, "%s:%" PRIu64 ":%" PRIu64 ": %s: %s", path, reader->record_line,
                reader->columns[column], header[column], why);
}

static int read_row(retail *data, const char *path, csv *reader)
{
    const char *const *fields = (const char *const *)reader->fields;
    if (reader->field_count != COLUMNS)
        return fail(EXIT_INPUT, "%s:%" PRIu64 ":1: %zu fields, not %d", path, reader->record_line,
                    reader->field_count, COLUMNS);
    static const int texts[] = {INVOICE, CODE, CUSTOMER};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        if (strlen(fields[texts[i]]) > TEXT_MAX)
            return wrong(path, reader, texts[i], "is too long");
    if (fields[INVOICE][0] == '\0' || fields[CODE][0] == '\0')
        return wrong(path, reader, fields[INVOICE][0] == '\0' ? INVOICE : CODE, "is empty");
    retail_row row = {0};
    int64_t time_ms = 0;
    if (!read_decimal(fields[QUANTITY], 0, QUANTITY_MAX, &row.quantity) || row.quantity == 0)
        return wrong(path, reader, QUANTITY, "is not a quantity");
    if (!read_date(fields[DATE], &time_ms))
        return wrong(path, reader, DATE, "is not a date M/D/YYYY H:MM");
    if (!read_decimal(fields[PRICE], RETAIL_SCALE, PRICE_MAX, &row.price))
        return wrong(path, reader, PRICE, "is not a price with at most three decimals");
    if (llabs(row.quantity * row.price) > AMOUNT_MAX)
        return wrong(path, reader, PRICE, "makes an amount that is too large");
    if (kind_of(fields[INVOICE]) == INVOICE_CANCELLATION && (row.quantity > 0 || row.price < 0))
        return wrong(path, reader, QUANTITY, "a cancellation has a negative quantity");
    if (data->row_count >= UINT32_MAX - 1)
        return wrong(path, reader, INVOICE, "too many rows");
    add_row(data, fields, row, time_ms);
    return EXIT_DONE;
}

static int read_rows(retail *data, const char *path, char *text, size_t bytes)
{
    csv reader;
    csv_init(&reader, text, bytes);
    (void)text_index_put(&data->customer_index, "");
    bool good = csv_next(&reader) && reader.field_count == COLUMNS;
    for (int i = 0; good && i < COLUMNS; i++)
        good = strcmp(reader.fields[i], header[i]) == 0;
    if (!good && reader.error == NULL)
        return fail(EXIT_INPUT, "%s:1:1: the header is not that of the Online Retail data", path);
    int result = EXIT_DONE;
    while (result == EXIT_DONE && csv_next(&reader))
        result = read_row(data, path, &reader);
    if (reader.error != NULL)
        return fail(EXIT_INPUT, "%s:%" PRIu64 ":%" PRIu64 ": %s", path, reader.error_line,
                    reader.error_column, reader.error);
    return result;
}

int retail_read(retail *data, const char *path)
{
    FILE *in = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
    if (in == NULL)
        return fail(EXIT_INPUT, "%s: cannot be opened", path);
    char *text = NULL;
    size_t capacity = 0, bytes = 0, got = 0;
    do {
        text = grow_memory(text, &capacity, bytes + 65536 + 1, 1);
        got = fread(text + bytes, 1, capacity - bytes - 1, in);
        bytes += got;
    } while (got > 0);
    int result = ferror(in) ? fail(EXIT_INPUT, "%s: cannot be read", path)
                            : read_rows(data, path, text, bytes);
    free(text);
    if (in != stdin)
        (void)fclose(in);
    return result;
}

void retail_fini(retail *data)
{
    free(data->rows);
    free(data->invoices);
    free(data->codes);
    free(data->spent);
    free(data->by_time);
    text_index_fini(&data->invoice_index);
    text_index_fini(&data->code_index);
    text_index_fini(&data->customer_index);
}
