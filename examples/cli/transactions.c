/*
 * transactions.c - lists transactions, shows one with its branches and history, and does what
 * operators do with them. Each act is stored with who did it and why.
 *
 * Failure modes: an id that is none, or an act without --actor and --reason, is EXIT_USAGE and
 * changes nothing; an act that is refused is reported and makes the exit code EXIT_REFUSED, after
 * the others have been done.
 */
#include "cli.h"
#include "record.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { PAGE_MAX = 256, TABLES = 3 };

static int read_id(hf_id *id, const char *text)
{
    if (hf_id_parse(text, id) != 0)
        return fail(EXIT_USAGE, "'%s' is not an id (a UUIDv7); `holdfast list txns` shows them",
                    text);
    return EXIT_DONE;
}

/* Tables that nothing stands in are not printed for people. */
static int print(table **tables, size_t count, bool json, int result)
{
    table *printed[TABLES];
    size_t some = 0;
    for (size_t i = 0; i < count; i++)
        if (json || table_rows(tables[i]) > 0)
            printed[some++] = tables[i];
    if (some > 0 && !tables_print(stdout, printed, some, json))
        result = fail(EXIT_OUTPUT, "the table could not be printed");
    for (size_t i = 0; i < TABLES; i++)
        table_destroy(tables[i]);
    return finish_output(result);
}

/* ---- Many ------------------------------------------------------------------------------------ */

static int read_filters(hf_txn_list_args *args, const options *opt)
{
    hf_txn_list_init(args);
    args->which = HF_TXN_WHICH_ALL;
    args->participant = opt->participant;
    if (opt->older_than != 0)
        args->created_to_ms = ((int64_t)time(NULL) - opt->older_than) * 1000;
    int result = EXIT_DONE;
    if (opt->which != NULL)
        result = read_name(HF_OP_TXN_LIST, "which", opt->which, &args->which);
    if (result == EXIT_DONE && opt->state != NULL)
        result = read_name(HF_OP_TXN_LIST, "state", opt->state, &args->state);
    if (result == EXIT_DONE && opt->after != NULL)
        result = read_id(&args->after, opt->after);
    if (result == EXIT_DONE && opt->after != NULL && args->which == HF_TXN_WHICH_DUE)
        result = fail(EXIT_USAGE, "--after does not go with --which DUE");
    return result;
}

/* Filters may leave a page short: only the page itself says that it is the last. */
static int read_pages(session *s, hf_txn_list_args *args, int64_t wanted, table *t)
{
    for (bool at_end = false; !at_end;) {
        uint64_t left = wanted == 0 ? PAGE_MAX : (uint64_t)wanted - table_rows(t);
        args->limit = left < PAGE_MAX ? (uint32_t)left : PAGE_MAX;
        if (args->limit == 0)
            return EXIT_DONE;
        hf_completion done;
        session_call(s, HF_OP_TXN_LIST, args, &done);
        if (done.status != 0)
            return fail_with("txns", done.status, done.detail);
        const hf_txn_page *page = done.result;
        for (uint32_t i = 0; i < page->count; i++)
            record_row(t, &view_txns, page->rows[i], NULL, NULL);
        args->after = page->next;
        args->after_ms = page->next_ms;
        at_end = page->at_end != 0;
    }
    return EXIT_DONE;
}

int command_list_txns(const options *opt)
{
    hf_txn_list_args args;
    session s;
    int result = read_filters(&args, opt);
    if (result == EXIT_DONE)
        result = session_read(&s, opt);
    if (result != EXIT_DONE)
        return result;
    table *tables[TABLES] = {record_table(&view_txns)};
    result = read_pages(&s, &args, opt->limit, tables[0]);
    session_close(&s);
    return print(tables, 1, opt->json, result);
}

/* ---- One ------------------------------------------------------------------------------------- */

static int read_history(session *s, const hf_id *id, table *t)
{
    hf_txn_history_args args;
    hf_txn_history_init(&args, id);
    args.limit = PAGE_MAX;
    for (uint32_t count = PAGE_MAX; count == PAGE_MAX;) {
        hf_completion done;
        session_call(s, HF_OP_TXN_HISTORY, &args, &done);
        if (done.status != 0)
            return fail_with("history", done.status, done.detail);
        const hf_attempt_page *page = done.result;
        count = page->count;
        for (uint32_t i = 0; i < count; i++)
            record_row(t, &view_attempts, page->rows[i], NULL, NULL);
        if (count > 0)
            args.after_no = page->rows[count - 1]->no;
    }
    return EXIT_DONE;
}

static int show_one(session *s, const char *text, table *const *tables)
{
    hf_txn_get_args args;
    hf_completion done;
    hf_txn_get_init(&args, NULL);
    int result = read_id(&args.txn, text);
    if (result != EXIT_DONE)
        return result;
    session_call(s, HF_OP_TXN_GET, &args, &done);
    if (done.status == HF_E_NOT_FOUND)
        return fail(EXIT_REFUSED, "there is no transaction '%s' in this store", text);
    if (done.status != 0)
        return fail_with(text, done.status, done.detail);
    const hf_txn_view *view = done.result;
    record_row(tables[0], &view_txns, view->txn, NULL, NULL);
    for (uint32_t i = 0; i < view->branch_count; i++)
        record_row(tables[1], &view_branches, view->branches[i], NULL, NULL);
    return read_history(s, &args.txn, tables[2]);
}

/* ---- Acts ------------------------------------------------------------------------------------ */

static const struct {
    const char *name;
    uint32_t type;
} acts[] = {
    {"retry", HF_OP_TXN_RETRY_NOW},        {"park", HF_OP_TXN_PARK},
    {"unpark", HF_OP_TXN_UNPARK},          {"abort", HF_OP_TXN_ABORT},
    {"resolve", HF_OP_TXN_RESOLVE_BRANCH},
};

static int read_act(uint32_t type, hf_txn_act_args *args, const options *opt)
{
    hf_txn_act_init(args, NULL);
    if (opt->actor == NULL || opt->reason == NULL)
        return fail(EXIT_USAGE, "give --actor and --reason: they stay in the history");
    args->head.actor = opt->actor;
    args->head.expected_version = (uint64_t)opt->version;
    args->reason = opt->reason;
    if (type != HF_OP_TXN_RESOLVE_BRANCH)
        return EXIT_DONE;
    if (opt->branch == 0 || opt->answer == NULL)
        return fail(EXIT_USAGE, "give --branch and --answer OK or REJECTED");
    args->branch = (uint32_t)opt->branch;
    return read_name(type, "answer", opt->answer, &args->answer);
}

static int act_one(session *s, uint32_t type, const hf_txn_act_args *act, const char *text,
                   table *const *tables)
{
    hf_txn_act_args args = *act;
    hf_completion done;
    int result = read_id(&args.txn, text);
    if (result != EXIT_DONE)
        return result;
    session_call(s, type, &args, &done);
    if (done.status != 0 && hf_error_class(done.status) == HF_CLASS_REJECTED)
        return fail(EXIT_REFUSED, "%s: %s: %s", text, hf_error_name(done.status), done.detail);
    if (done.status != 0)
        return fail_with(text, done.status, done.detail);
    const hf_txn_view *view = done.result;
    record_row(tables[0], &view_txns, view->txn, NULL, NULL);
    for (uint32_t i = 0; i < view->branch_count; i++)
        record_row(tables[1], &view_branches, view->branches[i], NULL, NULL);
    return EXIT_DONE;
}

/* ---- The commands ---------------------------------------------------------------------------- */

/* `type` 0: they are only shown. The first name is what is done. */
static int each_txn(const options *opt, uint32_t type)
{
    hf_txn_act_args args;
    session s;
    int result = type == 0 ? EXIT_DONE : read_act(type, &args, opt);
    if (result == EXIT_DONE)
        result = type == 0 ? session_read(&s, opt) : session_look(&s, opt);
    if (result != EXIT_DONE)
        return result;
    table *tables[TABLES] = {record_table(&view_txns), record_table(&view_branches),
                             record_table(&view_attempts)};
    for (int i = 1; i < opt->name_count && (result == EXIT_DONE || result == EXIT_REFUSED); i++) {
        int one = type == 0 ? show_one(&s, opt->names[i], tables)
                            : act_one(&s, type, &args, opt->names[i], tables);
        result = one == EXIT_DONE ? result : one;
    }
    session_close(&s);
    return print(tables, type == 0 ? 3 : 2, opt->json, result);
}

int command_show_txns(const options *opt)
{
    return each_txn(opt, 0);
}

int command_transactions(const options *opt)
{
    const char *what = opt->names[0];
    bool list = strcmp(what, "list") == 0;
    if (list != (opt->name_count == 1))
        return fail(EXIT_USAGE, list ? "list takes no ids" : "give the ids of transactions");
    if (list)
        return command_list_txns(opt);
    if (strcmp(what, "show") == 0)
        return command_show_txns(opt);
    for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++)
        if (strcmp(what, acts[i].name) == 0)
            return each_txn(opt, acts[i].type);
    return fail(EXIT_USAGE, "'%s' is none of list, show, retry, park, unpark, resolve, abort",
                what);
}
