/*
 * list.c - prints many records, page by page, in the order of their keys.
 *
 * Happy path: begin() fills the arguments of the first page, advance() those of the next from the
 * last record of the page before. Failure modes: a filter that means nothing is EXIT_USAGE.
 */
#include "cli.h"
#include "common/columns.h"
#include "common/memory.h"
#include "common/when.h"
#include "record.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE_MAX = 256 };

typedef union list_args {
    hf_op_head head;
    hf_order_list_args orders;
    hf_account_list_args accounts;
    hf_unit_list_args units;
    hf_payment_list_args payments;
    hf_events_read_args events;
    hf_cursor_list_args cursors;
    hf_attention_list_args attention;
} list_args;

/* How every page of records begins. */
typedef struct page {
    const void *const *rows;
    uint32_t count;
} page;

typedef struct listing {
    const char *name;
    uint32_t type;
    const record_view *view;
    size_t limit_at; /* in the arguments */
    int (*begin)(list_args *args, const options *opt);
    void (*advance)(list_args *args, const void *last);
} listing;

/* ---- Kinds of records ------------------------------------------------------------------------ */

static const hf_field *field_of(uint32_t type, const char *name)
{
    const hf_shape *shape = hf_op_shape(type);
    for (uint32_t i = 0; i < shape->field_count; i++)
        if (strcmp(shape->fields[i].name, name) == 0)
            return &shape->fields[i];
    abort();
}

int read_name(uint32_t type, const char *field, const char *text, uint32_t *out)
{
    const char *const *names = field_of(type, field)->names;
    for (uint32_t i = 0; names[i] != NULL; i++)
        if (strcmp(names[i], text) == 0) {
            *out = i;
            return EXIT_DONE;
        }
    (void)fail(EXIT_USAGE, "'%s' is not a %s; there are:", text, field);
    for (uint32_t i = 0; names[i] != NULL; i++)
        (void)fprintf(stderr, "  %s\n", names[i]);
    return EXIT_USAGE;
}

static int read_id(const char *option, const char *text, hf_id *id)
{
    if (text != NULL && hf_id_parse(text, id) != 0)
        return fail(EXIT_USAGE, "--%s: '%s' is not an id", option, text);
    return EXIT_DONE;
}

static int read_when(const char *option, const char *text, int64_t *out)
{
    if (text != NULL && !when_read(text, out))
        return fail(EXIT_USAGE, "--%s: '%s' is not a time like 2026-01-31 or 2026-01-31T09:30:15",
                    option, text);
    return EXIT_DONE;
}

static int begin_orders(list_args *args, const options *opt)
{
    hf_order_list_args *orders = &args->orders;
    hf_order_list_init(orders);
    orders->newest_first = opt->newest != 0;
    if (opt->customer != NULL && opt->reference != NULL)
        return fail(EXIT_USAGE, "give one of --customer and --ref");
    if (opt->customer != NULL)
        orders->by = HF_ORDERS_BY_CUSTOMER;
    if (opt->reference != NULL)
        orders->by = HF_ORDERS_BY_REF;
    orders->text = opt->customer != NULL ? opt->customer : opt->reference;
    int result = EXIT_DONE;
    if (opt->state != NULL)
        result = read_name(HF_OP_ORDER_LIST, "state", opt->state, &orders->state);
    if (result == EXIT_DONE)
        result = read_when("from", opt->from, &orders->from_ms);
    if (result == EXIT_DONE)
        result = read_when("until", opt->until, &orders->until_ms);
    return result != EXIT_DONE ? result : read_id("after", opt->after, &orders->after);
}

static void advance_orders(list_args *args, const void *last)
{
    args->orders.after = ((const hf_order *)last)->id;
}

static int begin_accounts(list_args *args, const options *opt)
{
    hf_account_list_init(&args->accounts);
    int result = EXIT_DONE;
    if (opt->kind != NULL)
        result = read_name(HF_OP_ACCOUNT_LIST, "kind", opt->kind, &args->accounts.kind);
    if (result != EXIT_DONE || opt->after == NULL)
        return result;
    if (opt->unit == NULL || args->accounts.kind == 0)
        return fail(EXIT_USAGE, "--after needs --kind and --unit");
    args->accounts.after = (hf_account_key){
        .kind = args->accounts.kind, .name = opt->after, .place = "", .unit = opt->unit};
    return EXIT_DONE;
}

static int begin_items(list_args *args, const options *opt)
{
    hf_account_list_init(&args->accounts);
    if (opt->after != NULL)
        args->accounts.after = (hf_account_key){.kind = HF_KIND_ITEM,
                                                .name = opt->after,
                                                .place = "",
                                                .unit = opt->unit == NULL ? "pcs" : opt->unit};
    return EXIT_DONE;
}

static hf_account_key key_of(const hf_account *account)
{
    return (hf_account_key){.kind = account->key.kind,
                            .name = account->key.name.text,
                            .place = account->key.place.text,
                            .unit = account->key.unit.text};
}

static void advance_accounts(list_args *args, const void *last)
{
    args->accounts.after = key_of(last);
}

static int begin_units(list_args *args, const options *opt)
{
    hf_unit_list_init(&args->units);
    args->units.after = opt->after;
    return EXIT_DONE;
}

static void advance_units(list_args *args, const void *last)
{
    args->units.after = ((const hf_unit *)last)->code.text;
}

static int begin_payments(list_args *args, const options *opt)
{
    hf_payment_list_args *payments = &args->payments;
    hf_payment_list_init(payments);
    payments->newest_first = opt->newest != 0;
    payments->provider = opt->provider;
    if (opt->provider != NULL && opt->order != NULL)
        return fail(EXIT_USAGE, "give one of --provider and --order");
    if (opt->provider != NULL)
        payments->by = HF_PAYMENTS_BY_PROVIDER;
    if (opt->order != NULL)
        payments->by = HF_PAYMENTS_BY_ORDER;
    int result = read_id("order", opt->order, &payments->order);
    if (result == EXIT_DONE && opt->state != NULL)
        result = read_name(HF_OP_PAYMENT_LIST, "state", opt->state, &payments->state);
    return result != EXIT_DONE ? result : read_id("after", opt->after, &payments->after);
}

static void advance_payments(list_args *args, const void *last)
{
    args->payments.after = ((const hf_payment *)last)->id;
}

int read_seq(const char *text, uint64_t *out)
{
    char *end;
    errno = 0;
    *out = strtoull(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || text[0] == '-')
        return fail(EXIT_USAGE, "--after: '%s' is not the number of an event", text);
    return EXIT_DONE;
}

static int begin_events(list_args *args, const options *opt)
{
    hf_events_read_init(&args->events);
    return opt->after == NULL ? EXIT_DONE : read_seq(opt->after, &args->events.after_seq);
}

static void advance_events(list_args *args, const void *last)
{
    args->events.after_seq = ((const hf_event *)last)->seq;
}

static int begin_cursors(list_args *args, const options *opt)
{
    hf_cursor_list_init(&args->cursors);
    args->cursors.after = opt->after;
    return EXIT_DONE;
}

static void advance_cursors(list_args *args, const void *last)
{
    args->cursors.after = ((const hf_cursor *)last)->consumer.text;
}

/* clang-format off */
static const listing listings[] = {
    { "orders", HF_OP_ORDER_LIST, &view_orders, offsetof(hf_order_list_args, limit), begin_orders, advance_orders },
    { "items", HF_OP_ITEM_LIST, &view_items, offsetof(hf_account_list_args, limit), begin_items, advance_accounts },
    { "accounts", HF_OP_ACCOUNT_LIST, &view_accounts, offsetof(hf_account_list_args, limit), begin_accounts, advance_accounts },
    { "units", HF_OP_UNIT_LIST, &view_units, offsetof(hf_unit_list_args, limit), begin_units, advance_units },
    { "payments", HF_OP_PAYMENT_LIST, &view_payments, offsetof(hf_payment_list_args, limit), begin_payments, advance_payments },
    { "events", HF_OP_EVENTS_READ, &view_events, offsetof(hf_events_read_args, limit), begin_events, advance_events },
    { "cursors", HF_OP_CURSOR_LIST, &view_cursors, offsetof(hf_cursor_list_args, limit), begin_cursors, advance_cursors },
};
/* clang-format on */

/* How many rows the next page may have, of `wanted` in all; 0: enough. */
static uint32_t page_limit(int64_t wanted, size_t had)
{
    if (wanted == 0)
        return PAGE_MAX;
    uint64_t left = (uint64_t)wanted - had;
    return left < PAGE_MAX ? (uint32_t)left : PAGE_MAX;
}

/* Adds payments. Those by providers are in the currency of their order, which is read for them. */
static void add_payments(session *s, const hf_payment *payments, uint32_t count, amounts *all,
                         table *t)
{
    for (uint32_t i = 0; i < count; i++) {
        const hf_payment *one = &payments[i];
        bool provider = one->method == HF_METHOD_PROVIDER;
        record_row(t, &view_payments, one, all,
                   provider ? amounts_currency(all, s, &one->order) : NULL);
    }
}

/* Adds a page, and sets the arguments of the next one. */
static void add_page(session *s, const listing *kind, list_args *args, const page *got,
                     amounts *all, table *t)
{
    if (got->count == 0)
        return;
    kind->advance(args, got->rows[got->count - 1]);
    if (all == NULL || kind->view != &view_payments) {
        for (uint32_t i = 0; i < got->count; i++)
            record_row(t, kind->view, got->rows[i], all, NULL);
        return;
    }
    hf_payment *payments = take_memory(got->count, sizeof(*payments));
    for (uint32_t i = 0; i < got->count; i++)
        payments[i] = *(const hf_payment *)got->rows[i];
    add_payments(s, payments, got->count, all, t);
    free(payments);
}

static int read_pages(session *s, const listing *kind, const options *opt, amounts *all, table *t)
{
    list_args args;
    int result = kind->begin(&args, opt);
    if (result != EXIT_DONE)
        return result;
    for (;;) {
        uint32_t limit = page_limit(opt->limit, table_rows(t));
        if (limit == 0)
            return EXIT_DONE;
        memcpy((char *)&args + kind->limit_at, &limit, sizeof(limit));
        hf_completion done;
        session_call(s, kind->type, &args, &done);
        if (hf_error_class(done.status) == HF_CLASS_REJECTED)
            return fail(EXIT_REFUSED, "%s: %s", kind->name, done.detail);
        if (done.status != 0)
            return fail_with(kind->name, done.status, done.detail);
        page got;
        memcpy(&got, done.result, sizeof(got));
        add_page(s, kind, &args, &got, all, t);
        if (got.count < limit)
            return EXIT_DONE;
    }
}

/* ---- Attention ------------------------------------------------------------------------------- */

typedef struct attention_row {
    const char *subject;
    char key[HF_NAME_MAX + 1];
    uint32_t bits;
    int64_t amount;
    hf_name unit;
    hf_id order; /* of a payment by a provider, whose unit is the order's currency; else zero */
} attention_row;

static void add_attention(session *s, table *t, const attention_row *row, amounts *all)
{
    static const hf_id none;
    char bits[96], text[AMOUNT_BYTES];
    const char *unit = row->unit.text;
    if (all != NULL && memcmp(&row->order, &none, sizeof(none)) != 0)
        unit = amounts_currency(all, s, &row->order);
    attention_text(row->bits, bits, sizeof(bits));
    table_row(t);
    table_text(t, row->subject);
    table_text(t, row->key);
    table_text(t, bits);
    table_text(t, amount_text(all, row->amount, unit, false, text));
    table_text(t, unit);
}

static void name_row(attention_row *row, const char *subject, const char *key)
{
    row->subject = subject;
    (void)snprintf(row->key, sizeof(row->key), "%s", key);
}

static void take_account(attention_row *row, list_args *args, const hf_attention_page *got,
                         uint32_t i)
{
    const hf_account *account = got->accounts[i];
    name_row(row, "account", account->key.name.text);
    row->bits = account->attention;
    row->amount = account->balance;
    row->unit = account->key.unit;
    args->attention.after_account = key_of(account);
}

static void take_order(attention_row *row, list_args *args, const hf_attention_page *got,
                       uint32_t i)
{
    const hf_order *order = got->orders[i];
    char id[37];
    name_row(row, "order", hf_id_format(&order->id, id));
    row->bits = order->attention;
    row->amount = order->total;
    row->unit = order->currency;
    args->attention.after_id = order->id;
}

static void take_payment(attention_row *row, list_args *args, const hf_attention_page *got,
                         uint32_t i)
{
    const hf_payment *payment = got->payments[i];
    char id[37];
    name_row(row, "payment", hf_id_format(&payment->id, id));
    row->bits = payment->attention;
    row->amount = payment->amount;
    row->unit = payment->account.unit;
    if (payment->method == HF_METHOD_PROVIDER)
        row->order = payment->order;
    args->attention.after_id = payment->id;
}

static void take_fact(attention_row *row, list_args *args, const hf_attention_page *got, uint32_t i)
{
    const hf_fact *fact = got->facts[i];
    name_row(row, "fact", fact->fact_ref.text);
    row->bits = fact->attention;
    row->amount = fact->amount;
    row->unit = fact->unit;
    args->attention.after_provider = fact->provider.text;
    args->attention.after_fact_ref = fact->fact_ref.text;
    args->attention.after_kind = fact->kind;
}

static void take_hold(attention_row *row, list_args *args, const hf_attention_page *got, uint32_t i)
{
    const hf_hold *hold = got->holds[i];
    char id[37];
    name_row(row, "hold", hf_id_format(&hold->id, id));
    row->bits = hold->attention;
    row->amount = hold->amount;
    row->unit = hold->from.kind == HF_KIND_WORLD ? hold->to.unit : hold->from.unit;
    args->attention.after_id = hold->id;
}

/* By hf_attention_subject. */
static void (*const takers[])(attention_row *, list_args *, const hf_attention_page *, uint32_t) = {
    [HF_ATTENTION_ON_ACCOUNT] = take_account, [HF_ATTENTION_ON_ORDER] = take_order,
    [HF_ATTENTION_ON_PAYMENT] = take_payment, [HF_ATTENTION_ON_FACT] = take_fact,
    [HF_ATTENTION_ON_HOLD] = take_hold,
};

static int read_attention(session *s, uint32_t subject, const options *opt, amounts *all, table *t)
{
    list_args args;
    hf_attention_list_init(&args.attention);
    args.attention.subject = subject;
    attention_row *rows = take_memory(PAGE_MAX, sizeof(*rows));
    hf_completion done = {.status = 0};
    uint32_t count = PAGE_MAX;
    while (done.status == 0 && count == PAGE_MAX) {
        args.attention.limit = page_limit(opt->limit, table_rows(t));
        if (args.attention.limit == 0)
            break;
        session_call(s, HF_OP_ATTENTION_LIST, &args, &done);
        if (done.status != 0)
            break;
        const hf_attention_page *got = done.result;
        count = got->count;
        for (uint32_t i = 0; i < count; i++) {
            rows[i] = (attention_row){.subject = NULL};
            takers[subject](&rows[i], &args, got, i);
        }
        for (uint32_t i = 0; i < count; i++)
            add_attention(s, t, &rows[i], all);
    }
    free(rows);
    return done.status == 0 ? EXIT_DONE : fail_with("attention", done.status, done.detail);
}

static table *attention_table(void)
{
    static const table_column columns[] = {{"subject", CELL_TEXT},
                                           {"key", CELL_TEXT},
                                           {"attention", CELL_TEXT},
                                           {"amount", CELL_NUMBER},
                                           {"unit", CELL_TEXT}};
    return table_create("attention", columns, sizeof(columns) / sizeof(columns[0]));
}

/* ---- The command ----------------------------------------------------------------------------- */

static const listing *find_listing(const char *name)
{
    for (size_t i = 0; i < sizeof(listings) / sizeof(listings[0]); i++)
        if (strcmp(name, listings[i].name) == 0)
            return &listings[i];
    return NULL;
}

/* What is listed, as bits; in the order of `kinds`. */
enum {
    ORDERS = 1 << 0,
    ITEMS = 1 << 1,
    ACCOUNTS = 1 << 2,
    PAYMENTS = 1 << 3,
    TXNS = 1 << 4,
    ATTENTION = 1 << 5,
    EVENTS = 1 << 6,
    UNITS = 1 << 7,
    CURSORS = 1 << 8,
};

static const char *const kinds[] = {"orders",    "items",  "accounts", "payments", "txns",
                                    "attention", "events", "units",    "cursors"};

/* Options that only some lists have: a filter that does nothing would be taken for one that does.
 */
/* clang-format off */
static const struct {
    const char *name;
    size_t offset;
    unsigned lists;
    bool number; /* else text */
} filters[] = {
    { "customer", offsetof(options, customer), ORDERS, false },
    { "ref", offsetof(options, reference), ORDERS, false },
    { "from", offsetof(options, from), ORDERS, false },
    { "until", offsetof(options, until), ORDERS, false },
    { "provider", offsetof(options, provider), PAYMENTS, false },
    { "order", offsetof(options, order), PAYMENTS, false },
    { "state", offsetof(options, state), ORDERS | PAYMENTS | TXNS, false },
    { "newest", offsetof(options, newest), ORDERS | PAYMENTS, true },
    { "after", offsetof(options, after), ORDERS | ITEMS | ACCOUNTS | UNITS | PAYMENTS | TXNS | EVENTS | CURSORS, false },
    { "kind", offsetof(options, kind), ACCOUNTS, false },
    { "unit", offsetof(options, unit), ITEMS | ACCOUNTS, false },
    { "which", offsetof(options, which), TXNS, false },
    { "participant", offsetof(options, participant), TXNS, false },
    { "older-than", offsetof(options, older_than), TXNS, true },
};
/* clang-format on */

static bool is_given(const options *opt, size_t offset, bool number)
{
    const char *at = (const char *)opt + offset;
    const char *text;
    int64_t value;
    memcpy(&text, at, sizeof(text));
    memcpy(&value, at, sizeof(value));
    return number ? value != 0 : text != NULL;
}

/* EXIT_USAGE for a list that there is not, and for a filter that the list does not have. */
static int check_filters(const options *opt)
{
    unsigned list = 0;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (strcmp(opt->names[0], kinds[i]) == 0)
            list = 1u << i;
    if (list == 0)
        return fail(EXIT_USAGE,
                    "'%s' is none of orders, items, accounts, units, payments, txns, attention, "
                    "events, cursors",
                    opt->names[0]);
    for (size_t i = 0; i < sizeof(filters) / sizeof(filters[0]); i++)
        if ((filters[i].lists & list) == 0 && is_given(opt, filters[i].offset, filters[i].number))
            return fail(EXIT_USAGE, "--%s does not belong to a list of %s", filters[i].name,
                        opt->names[0]);
    return EXIT_DONE;
}

int command_list(const options *opt)
{
    int result = check_filters(opt);
    if (result != EXIT_DONE)
        return result;
    if (strcmp(opt->names[0], "txns") == 0)
        return command_list_txns(opt);
    const listing *kind = find_listing(opt->names[0]);
    session s;
    result = session_read(&s, opt);
    if (result != EXIT_DONE)
        return result;
    table *t = kind != NULL ? record_table(kind->view) : attention_table();
    amounts *all;
    result = amounts_read(&s, opt, &all);
    if (kind != NULL && result == EXIT_DONE)
        result = read_pages(&s, kind, opt, all, t);
    for (uint32_t i = 0; kind == NULL && result == EXIT_DONE && i <= HF_ATTENTION_ON_HOLD; i++)
        result = read_attention(&s, i, opt, all, t);
    amounts_free(all);
    session_close(&s);
    if (result == EXIT_DONE && !tables_print(stdout, &t, 1, opt->json))
        result = fail(EXIT_OUTPUT, "the table could not be printed");
    table_destroy(t);
    return finish_output(result);
}
