/*
 * journal.c - what lies in the journal beside a store: which segments, whose they are, which
 * batches they have, and whether every record is whole. The segments are read without the store;
 * then the store is opened to be read, which checks that the journal belongs to it and has all that
 * the store knows of. An engine may have it open meanwhile.
 *
 * Failure modes: damage, and a journal that does not belong there, is reported with its place,
 * behind what could be read, and is EXIT_REFUSED.
 */
#include "cli.h"
#include "table.h"

#include <stdio.h>

static int add_segment(void *data, const hf_segment *segment)
{
    static const char *const states[] = {
        [HF_SEGMENT_WHOLE] = "WHOLE",
        [HF_SEGMENT_DAMAGED] = "DAMAGED",
        [HF_SEGMENT_NOT_READ] = "NOT_READ",
        [HF_SEGMENT_UNUSED] = "UNUSED",
    };
    table *t = data;
    table_row(t);
    table_text(t, segment->path);
    table_text(t, states[segment->state]);
    table_number(t, (int64_t)segment->sequence);
    table_number(t, (int64_t)segment->first_batch);
    table_number(t, (int64_t)segment->last_batch);
    table_number(t, (int64_t)segment->records);
    table_number(t, (int64_t)segment->changes);
    table_number(t, (int64_t)segment->bytes_used);
    table_number(t, (int64_t)segment->bytes);
    char store[37];
    table_text(t, hf_id_format(&segment->store, store));
    table_number(t, (int64_t)segment->incarnation);
    table_number(t, (int64_t)segment->next_sequence);
    return 0;
}

/* HF_E_CORRUPT or HF_E_EXISTS when the journal is not the store's own. */
static int check_store(const options *opt, char *detail, size_t bytes)
{
    session s = {NULL, NULL};
    hf_options chosen;
    hf_options_init(&chosen);
    chosen.store = opt->store;
    chosen.read_only = 1;
    chosen.error = detail;
    chosen.error_bytes = bytes;
    int error = hf_loop_create(&s.loop);
    if (error == 0)
        error = hf_engine_open(s.loop, &chosen, &s.engine);
    session_close(&s);
    return error == HF_E_CORRUPT || error == HF_E_EXISTS ? error : 0;
}

int command_journal(const options *opt)
{
    static const table_column columns[] = {
        {"segment", CELL_TEXT},   {"state", CELL_TEXT},         {"sequence", CELL_NUMBER},
        {"first", CELL_NUMBER},   {"last", CELL_NUMBER},        {"records", CELL_NUMBER},
        {"changes", CELL_NUMBER}, {"used", CELL_NUMBER},        {"bytes", CELL_NUMBER},
        {"store", CELL_TEXT},     {"incarnation", CELL_NUMBER}, {"next", CELL_NUMBER},
    };
    int result = opt->store == NULL ? look_for_store(opt) : EXIT_DONE;
    if (result != EXIT_DONE)
        return result;
    char detail[512] = "";
    table *t = table_create("journal", columns, sizeof(columns) / sizeof(columns[0]));
    int error = hf_journal_read(opt->store, add_segment, t, detail, sizeof(detail));
    if (error == 0 && table_rows(t) == 0)
        result = look_for_store(opt);
    bool shown = table_rows(t) > 0 || (error == 0 && result == EXIT_DONE);
    if (shown && !tables_print(stdout, &t, 1, opt->json))
        result = fail(EXIT_OUTPUT, "the table could not be printed");
    table_destroy(t);
    if (error == 0 && result == EXIT_DONE)
        error = check_store(opt, detail, sizeof(detail));
    if (error != 0)
        result = fail_with(opt->store, error, detail);
    return finish_output(error == HF_E_CORRUPT || error == HF_E_EXISTS ? EXIT_REFUSED : result);
}
