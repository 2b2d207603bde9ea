/*
 * show.c - prints single records by their ids; an order with everything that belongs to it.
 *
 * Failure modes: an id that is none is EXIT_USAGE; one that names no record is reported and makes
 * the exit code EXIT_REFUSED, after the others have been shown.
 */
#include "cli.h"
#include "record.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TABLES_MAX 5u

typedef union show_args {
    hf_op_head head;
    hf_order_get_args order;
    hf_account_get_args account;
    hf_payment_get_args payment;
    hf_hold_get_args hold;
} show_args;

/* One kind of record. */
typedef struct shown {
    const char *name;
    uint32_t type;
    const record_view *views[TABLES_MAX];
    /* Fills the arguments for `name`; EXIT_DONE, or a failure that has been reported. */
    int (*ask)(show_args *args, const options *opt, const char *name);
    /* Adds the answer to the tables; `unit` is that of a payment by a provider. */
    void (*add)(table *const *tables, const void *result, const amounts *all, const char *unit);
} shown;

static int read_id(hf_id *id, const char *name)
{
    if (hf_id_parse(name, id) != 0)
        return fail(EXIT_USAGE, "'%s' is not an id (a UUIDv7); `holdfast list` shows them", name);
    return EXIT_DONE;
}

static int ask_order(show_args *args, const options *opt, const char *name)
{
    (void)opt;
    hf_order_get_init(&args->order, NULL);
    if (hf_id_parse(name, &args->order.order) != 0)
        return fail(
            EXIT_USAGE,
            "'%s' is not an id (a UUIDv7), a number or SERIES/NUMBER; `holdfast list` shows "
            "them",
            name);
    return EXIT_DONE;
}

/* "12" is a number of the series without a name, "web/12" one of the series web. */
static bool read_number(const char *name, hf_name *series, uint64_t *number)
{
    const char *slash = strrchr(name, '/');
    const char *digits = slash == NULL ? name : slash + 1;
    size_t bytes = slash == NULL ? 0 : (size_t)(slash - name);
    if (digits[0] == '\0' || strspn(digits, "0123456789") != strlen(digits) ||
        bytes >= sizeof(series->text))
        return false;
    memset(series, 0, sizeof(*series));
    memcpy(series->text, name, bytes);
    errno = 0;
    *number = strtoull(digits, NULL, 10);
    return errno == 0;
}

/*
 * Finds an order by its number. The store has no index of numbers, so the list is read page by
 * page: a second or so for a million orders.
 */
static int find_number(session *s, const hf_name *series, uint64_t number, hf_id *out)
{
    enum { PAGE = 256 };
    hf_order_list_args args;
    hf_order_list_init(&args);
    args.limit = PAGE;
    for (;;) {
        hf_completion done;
        session_call(s, HF_OP_ORDER_LIST, &args, &done);
        if (done.status != 0)
            return done.status;
        const hf_order_page *got = done.result;
        for (uint32_t i = 0; i < got->count; i++) {
            *out = got->rows[i]->id;
            if (got->rows[i]->number == number &&
                strcmp(got->rows[i]->series.text, series->text) == 0)
                return 0;
        }
        if (got->count < PAGE)
            return HF_E_NOT_FOUND;
        args.after = *out;
    }
}

static int ask_payment(show_args *args, const options *opt, const char *name)
{
    (void)opt;
    hf_payment_get_init(&args->payment, NULL);
    return read_id(&args->payment.payment, name);
}

static int ask_hold(show_args *args, const options *opt, const char *name)
{
    (void)opt;
    hf_hold_get_init(&args->hold, NULL);
    return read_id(&args->hold.hold, name);
}

static int ask_item(show_args *args, const options *opt, const char *name)
{
    hf_item_get_init(&args->account, name);
    args->account.key.place = opt->place;
    if (opt->unit != NULL)
        args->account.key.unit = opt->unit;
    return EXIT_DONE;
}

static int ask_account(show_args *args, const options *opt, const char *name)
{
    static const char *const kinds[] = {
        [HF_KIND_ITEM] = "ITEM", [HF_KIND_MONEY] = "MONEY", [HF_KIND_LIMIT] = "LIMIT"};
    uint32_t kind = HF_KIND_MONEY;
    if (opt->kind != NULL)
        for (kind = HF_KIND_LIMIT; kind > 0 && strcmp(kinds[kind], opt->kind) != 0;)
            kind--;
    if (kind == HF_KIND_WORLD)
        return fail(EXIT_USAGE, "--kind is ITEM, MONEY or LIMIT, not '%s'", opt->kind);
    if (opt->unit == NULL && kind != HF_KIND_ITEM)
        return fail(EXIT_USAGE, "give the account's --unit");
    hf_account_get_init(&args->account, kind, name, opt->unit == NULL ? "pcs" : opt->unit);
    args->account.key.place = opt->place;
    return EXIT_DONE;
}

static void add_order(table *const *tables, const void *result, const amounts *all,
                      const char *unit)
{
    const hf_order_view *view = result;
    unit = view->order->currency.text;
    record_row(tables[0], &view_orders, view->order, all, unit);
    for (uint32_t i = 0; i < view->line_count; i++)
        record_row(tables[1], &view_lines, view->lines[i], all, unit);
    for (uint32_t i = 0; i < view->payment_count; i++)
        record_row(tables[2], &view_payments, view->payments[i], all, unit);
    for (uint32_t i = 0; i < view->adjustment_count; i++)
        record_row(tables[3], &view_adjustments, view->adjustments[i], all, unit);
    for (uint32_t i = 0; i < view->leg_count; i++)
        record_row(tables[4], &view_legs, view->legs[i], all, unit);
}

static void add_item(table *const *tables, const void *result, const amounts *all, const char *unit)
{
    record_row(tables[0], &view_items, result, all, unit);
}

static void add_account(table *const *tables, const void *result, const amounts *all,
                        const char *unit)
{
    record_row(tables[0], &view_accounts, result, all, unit);
}

static void add_payment(table *const *tables, const void *result, const amounts *all,
                        const char *unit)
{
    record_row(tables[0], &view_payments, result, all, unit);
}

static void add_hold(table *const *tables, const void *result, const amounts *all, const char *unit)
{
    record_row(tables[0], &view_holds, result, all, unit);
}

/* clang-format off */
static const shown kinds_shown[] = {
    { "order", HF_OP_ORDER_GET, { &view_orders, &view_lines, &view_payments, &view_adjustments, &view_legs }, ask_order, add_order },
    { "item", HF_OP_ITEM_GET, { &view_items }, ask_item, add_item },
    { "account", HF_OP_ACCOUNT_GET, { &view_accounts }, ask_account, add_account },
    { "payment", HF_OP_PAYMENT_GET, { &view_payments }, ask_payment, add_payment },
    { "hold", HF_OP_HOLD_GET, { &view_holds }, ask_hold, add_hold },
};
/* clang-format on */

/* Adds the answer. A payment by a provider is in its order's currency, which is read for it. */
static void add_answer(session *s, const shown *kind, const void *result, amounts *all,
                       table *const *tables)
{
    hf_payment payment;
    const char *unit = NULL;
    if (all != NULL && kind->type == HF_OP_PAYMENT_GET) {
        payment = *(const hf_payment *)result;
        result = &payment;
        if (payment.method == HF_METHOD_PROVIDER)
            unit = amounts_currency(all, s, &payment.order);
    }
    kind->add(tables, result, all, unit);
}

static int show_one(session *s, const shown *kind, const options *opt, const char *name,
                    amounts *all, table *const *tables)
{
    show_args args;
    hf_completion done = {.detail = ""};
    hf_name series;
    uint64_t number;
    if (kind->type == HF_OP_ORDER_GET && read_number(name, &series, &number)) {
        hf_order_get_init(&args.order, NULL);
        done.status = find_number(s, &series, number, &args.order.order);
    } else {
        int result = kind->ask(&args, opt, name);
        if (result != EXIT_DONE)
            return result;
    }
    if (done.status == 0)
        session_call(s, kind->type, &args, &done);
    if (done.status == 0)
        add_answer(s, kind, done.result, all, tables);
    else if (done.status == HF_E_NOT_FOUND)
        return fail(EXIT_REFUSED, "there is no %s '%s' in this store", kind->name, name);
    else
        return fail_with(name, done.status, done.detail);
    return EXIT_DONE;
}

/* Tables behind the first that nothing stands in are not printed for people. */
static size_t drop_empty(table **tables, size_t count, bool json)
{
    size_t kept = 1;
    for (size_t i = 1; i < count; i++) {
        if (json || table_rows(tables[i]) > 0)
            tables[kept++] = tables[i];
        else
            table_destroy(tables[i]);
    }
    return kept;
}

static int show_all(session *s, const shown *kind, const options *opt)
{
    table *tables[TABLES_MAX] = {NULL};
    size_t count = 0;
    for (; count < TABLES_MAX && kind->views[count] != NULL; count++)
        tables[count] = record_table(kind->views[count]);
    amounts *all;
    int result = amounts_read(s, opt, &all);
    for (int i = 1; i < opt->name_count && (result == EXIT_DONE || result == EXIT_REFUSED); i++) {
        int one = show_one(s, kind, opt, opt->names[i], all, tables);
        result = one == EXIT_DONE ? result : one;
    }
    count = drop_empty(tables, count, opt->json);
    if ((opt->json || table_rows(tables[0]) > 0) && !tables_print(stdout, tables, count, opt->json))
        result = fail(EXIT_OUTPUT, "the table could not be printed");
    for (size_t i = 0; i < count; i++)
        table_destroy(tables[i]);
    amounts_free(all);
    return finish_output(result);
}

int command_show(const options *opt)
{
    if (strcmp(opt->names[0], "txn") == 0)
        return command_show_txns(opt);
    for (size_t i = 0; i < sizeof(kinds_shown) / sizeof(kinds_shown[0]); i++) {
        if (strcmp(opt->names[0], kinds_shown[i].name) != 0)
            continue;
        session s;
        int result = session_read(&s, opt);
        if (result == EXIT_DONE) {
            result = show_all(&s, &kinds_shown[i], opt);
            session_close(&s);
        }
        return result;
    }
    return fail(EXIT_USAGE, "'%s' is none of order, item, account, payment, hold, txn",
                opt->names[0]);
}
