/*
 * maintenance.c - verify, backup and restore: long work, with a bar on a terminal.
 */
#include "cli.h"
#include "progress.h"
#include "table.h"

#include <stdio.h>
#include <string.h>

/* Long work that is under way. */
typedef struct work {
    const char *what;
    bool json;
    progress bar;
    bool ended;
    int result;
} work;

static int show_progress(void *data, uint64_t done, uint64_t total)
{
    work *w = data;
    progress_show(&w->bar, done, total);
    return 0;
}

static void wait_for(session *s, work *w)
{
    while (!w->ended)
        session_wait(s);
}

/* ---- Verify ---------------------------------------------------------------------------------- */

static table *numbers_table(const hf_verify_result *result)
{
    static const table_column columns[] = {{"orders", CELL_NUMBER},   {"accounts", CELL_NUMBER},
                                           {"events", CELL_NUMBER},   {"rows", CELL_NUMBER},
                                           {"findings", CELL_NUMBER}, {"digest", CELL_TEXT}};
    table *t = table_create("verify", columns, 6);
    char digest[2 * sizeof(result->digest) + 1];
    for (size_t i = 0; i < sizeof(result->digest); i++)
        (void)snprintf(digest + 2 * i, 3, "%02x", result->digest[i]);
    table_row(t);
    table_number(t, (int64_t)result->orders);
    table_number(t, (int64_t)result->accounts);
    table_number(t, (int64_t)result->events);
    table_number(t, (int64_t)result->rows);
    table_number(t, (int64_t)result->findings_total);
    table_text(t, digest);
    return t;
}

static table *findings_table(const hf_verify_result *result)
{
    static const table_column columns[] = {{"clause", CELL_NUMBER}, {"finding", CELL_TEXT}};
    table *t = table_create("findings", columns, 2);
    for (uint32_t i = 0; i < result->finding_count; i++) {
        table_row(t);
        table_number(t, result->findings[i].clause);
        table_text(t, result->findings[i].text);
    }
    return t;
}

static void verified(void *data, int status, const hf_verify_result *result)
{
    work *w = data;
    w->ended = true;
    progress_end(&w->bar);
    if (status != 0) {
        w->result = fail_with("verify", status, "");
        return;
    }
    table *tables[] = {numbers_table(result), findings_table(result)};
    size_t shown = w->json || result->finding_count > 0 ? 2 : 1;
    if (!tables_print(stdout, tables, shown, w->json))
        w->result = fail(EXIT_OUTPUT, "the table could not be printed");
    else if (result->findings_total > 0)
        w->result = EXIT_REFUSED;
    table_destroy(tables[0]);
    table_destroy(tables[1]);
}

int session_verify(session *s, bool json)
{
    work w = {.what = "verify", .json = json, .result = EXIT_DONE};
    progress_begin(&w.bar, w.what);
    int error = hf_verify(s->engine, show_progress, verified, &w);
    if (error != 0)
        return fail_with(w.what, error, hf_engine_detail(s->engine));
    wait_for(s, &w);
    return w.result;
}

int command_verify(const options *opt)
{
    session s;
    int result = session_read(&s, opt);
    if (result != EXIT_DONE)
        return result;
    result = session_verify(&s, opt->json != 0);
    session_close(&s);
    return finish_output(result);
}

/* ---- Backup and restore ---------------------------------------------------------------------- */

static void copied(void *data, int status, const char *detail)
{
    work *w = data;
    w->ended = true;
    progress_end(&w->bar);
    if (status != 0)
        w->result = fail_with(w->what, status, detail);
}

int command_backup(const options *opt)
{
    session s;
    int result = session_read(&s, opt);
    if (result != EXIT_DONE)
        return result;
    work w = {.what = opt->names[0], .result = EXIT_DONE};
    progress_begin(&w.bar, "backup");
    int error = hf_backup(s.engine, opt->names[0], show_progress, copied, &w);
    if (error != 0)
        w.result = fail_with(opt->names[0], error, hf_engine_detail(s.engine));
    else
        wait_for(&s, &w);
    session_close(&s);
    return w.result;
}

int command_restore(const options *opt)
{
    if (opt->store == NULL)
        return fail(EXIT_USAGE, "no store: give --store URL or set HOLDFAST_STORE");
    char detail[512] = "";
    int error = hf_restore(opt->names[0], opt->store, detail, sizeof(detail));
    return error == 0 ? EXIT_DONE : fail_with(opt->store, error, detail);
}
