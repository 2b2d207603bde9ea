/*
 * erase.c - erases what the store says about a person, page by page until nothing is left.
 *
 * Happy path: each name is one erasure, repeated with a new id while the answer says that more is
 * left. Failure modes: a record that is not there is reported and the others are erased; what an
 * earlier page erased stays erased, and the same command continues behind it.
 */
#include "cli.h"
#include "table.h"

#include <string.h>

typedef struct totals {
    uint64_t records;
    uint64_t orders;
    uint32_t open;
} totals;

/* What is erased, by the first name on the command line. */
static const struct {
    const char *name;
    uint32_t by;
} kinds[] = {
    {"order", HF_ERASE_BY_ORDER}, {"customer", HF_ERASE_BY_CUSTOMER},
    {"hold", HF_ERASE_BY_HOLD},   {"account", HF_ERASE_BY_ACCOUNT},
    {"txn", HF_ERASE_BY_TXN},
};

static int read_account(hf_erase_args *args, const options *opt, const char *name)
{
    uint32_t kind = HF_KIND_MONEY;
    if (opt->kind != NULL) {
        int result = read_name(HF_OP_ACCOUNT_LIST, "kind", opt->kind, &kind);
        if (result != EXIT_DONE)
            return result;
    }
    if (opt->unit == NULL && kind != HF_KIND_ITEM)
        return fail(EXIT_USAGE, "give the account's --unit");
    args->account = hf_key_of(kind, name, opt->place, opt->unit == NULL ? "pcs" : opt->unit);
    return EXIT_DONE;
}

static int read_selector(hf_erase_args *args, const options *opt, const char *name)
{
    if (args->by == HF_ERASE_BY_ACCOUNT)
        return read_account(args, opt, name);
    if (args->by == HF_ERASE_BY_CUSTOMER) {
        args->customer = name;
        return EXIT_DONE;
    }
    return hf_id_parse(name, &args->record) == 0 ? EXIT_DONE
                                                 : fail(EXIT_USAGE, "'%s' is not an id", name);
}

static int erase_pages(session *s, const hf_erase_args *args, const char *name, totals *sum)
{
    for (uint32_t more = 1; more != 0;) {
        hf_completion done;
        session_call(s, HF_OP_ERASE, args, &done);
        if (done.status == HF_E_NOT_FOUND || done.status == HF_E_TXN_STATE)
            return fail(EXIT_REFUSED, "%s: %s", name, done.detail);
        if (done.status != 0)
            return fail_with(name, done.status, done.detail);
        const hf_erase_result *result = done.result;
        sum->records += result->records;
        sum->orders += result->orders;
        sum->open += result->open;
        more = result->more;
    }
    return EXIT_DONE;
}

static int erase_one(session *s, const options *opt, uint32_t by, const char *name, table *t)
{
    hf_erase_args args;
    totals sum = {.records = 0};
    hf_erase_init(&args, NULL);
    args.by = by;
    args.head.actor = opt->actor;
    args.replacement = opt->replacement;
    if (opt->with_ref != 0)
        args.what |= HF_ERASE_REF;
    int result = read_selector(&args, opt, name);
    if (result == EXIT_DONE)
        result = erase_pages(s, &args, name, &sum);
    if (result != EXIT_DONE)
        return result;
    table_row(t);
    table_text(t, name);
    table_number(t, (int64_t)sum.records);
    table_number(t, (int64_t)sum.orders);
    table_number(t, sum.open);
    return EXIT_DONE;
}

static int erase_all(const options *opt, uint32_t by)
{
    static const table_column columns[] = {{"name", CELL_TEXT},
                                           {"records", CELL_NUMBER},
                                           {"orders", CELL_NUMBER},
                                           {"open", CELL_NUMBER}};
    return for_each_name(opt, by, erase_one,
                         table_create("erased", columns, sizeof(columns) / sizeof(columns[0])));
}

int command_erase(const options *opt)
{
    if (opt->actor == NULL)
        return fail(EXIT_USAGE, "give --actor: the event keeps who erased");
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (strcmp(opt->names[0], kinds[i].name) == 0)
            return erase_all(opt, kinds[i].by);
    return fail(EXIT_USAGE, "'%s' is none of order, customer, account, hold, txn", opt->names[0]);
}
