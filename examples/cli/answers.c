/*
 * answers.c - what replay prints.
 *
 * Tables for people: answers as lines of text, refusals on standard error, the summary as a table;
 * what a read returned is one JSON object on a line. With --json every answer is one object a line,
 * refused or not, with the result of a read in it, and the last line is the summary.
 */
#include "answers.h"
#include "common/result.h"
#include "table.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

static void print_line(json_t *line)
{
    (void)json_dumpf(line, stdout, JSON_COMPACT);
    (void)putchar('\n');
    json_decref(line);
}

/* What a read returned, as an object that the caller releases; NULL for everything else. */
static json_t *result_json(const hf_completion *done)
{
    json_text text = {0};
    json_t *result = NULL;
    if (result_is_asked(done->type) && result_write(&text, done))
        result = json_loadb(text.bytes, text.used, JSON_ALLOW_NUL, NULL);
    free(text.bytes);
    return result;
}

/* What a read returned, for people who did not ask for all answers as JSON. */
static void print_result(const hf_completion *done)
{
    json_t *result = result_json(done);
    if (result != NULL)
        print_line(json_pack("{s:I, s:s, s:o}", "line", (json_int_t)done->user_data, "op",
                             hf_op_name(done->type), "result", result));
}

static void print_json(const hf_completion *done, const char *id)
{
    json_t *line = json_pack("{s:I, s:s, s:s, s:s, s:I, s:s}", "line", (json_int_t)done->user_data,
                             "op", hf_op_name(done->type), "id", id, "status",
                             hf_error_name(done->status), "event_seq", (json_int_t)done->event_seq,
                             "detail", done->detail == NULL ? "" : done->detail);
    json_t *result = result_json(done);
    if (result != NULL)
        (void)json_object_set_new(line, "result", result);
    print_line(line);
}

static void print_text(const hf_completion *done, const char *id)
{
    printf("line %" PRIu64 ": %s %s", done->user_data, hf_op_name(done->type), id);
    if (done->event_seq != 0)
        printf(" event %" PRIu64, done->event_seq);
    (void)putchar('\n');
}

/* Whether an error that no input causes ends the file: a bug that undid one line does not. */
static bool ends_the_file(int status)
{
    int class = hf_error_class(status);
    return class != HF_CLASS_OK && class != HF_CLASS_REJECTED && class != HF_CLASS_MISUSE &&
           status != HF_E_INVARIANT;
}

void answers_take(answers *a, const hf_completion *done)
{
    char id[37];
    (void)hf_id_format(&done->id, id);
    uint32_t error = (uint32_t)-done->status;
    a->counts[done->type % ANSWER_TYPES][error < ANSWER_ERRORS ? error : ANSWER_ERRORS - 1]++;
    a->done += done->status == 0;
    a->refused += done->status != 0;
    if (a->fatal == 0 && ends_the_file(done->status))
        a->fatal = done->status;
    if (a->json) {
        print_json(done, id);
    } else if (done->status != 0) {
        progress_end(&a->bar);
        (void)fprintf(stderr, "holdfast: %s:%" PRIu64 ": %s: %s: %s\n", a->path, done->user_data,
                      hf_op_name(done->type), hf_error_name(done->status),
                      done->detail == NULL || done->detail[0] == '\0' ? hf_error_text(done->status)
                                                                      : done->detail);
    } else {
        if (a->verbose)
            print_text(done, id);
        print_result(done);
    }
}

static void summary_json(const answers *a)
{
    json_t *rows = json_array();
    for (uint32_t type = 1; hf_op_shape(type) != NULL; type++)
        for (int error = 0; error < (int)ANSWER_ERRORS; error++)
            if (a->counts[type][error] != 0)
                (void)json_array_append_new(rows,
                                            json_pack("{s:s, s:s, s:I}", "op", hf_op_name(type),
                                                      "status", hf_error_name(-error), "count",
                                                      (json_int_t)a->counts[type][error]));
    json_t *line = json_pack("{s:o, s:I, s:I}", "summary", rows, "done", (json_int_t)a->done,
                             "refused", (json_int_t)a->refused);
    print_line(line);
}

void answers_summary(const answers *a)
{
    if (a->json) {
        summary_json(a);
        return;
    }
    static const table_column columns[] = {
        {"operation", CELL_TEXT}, {"answer", CELL_TEXT}, {"count", CELL_NUMBER}};
    table *t = table_create("operations", columns, 3);
    for (uint32_t type = 1; hf_op_shape(type) != NULL; type++)
        for (int error = 0; error < (int)ANSWER_ERRORS; error++) {
            if (a->counts[type][error] == 0)
                continue;
            table_row(t);
            table_text(t, hf_op_name(type));
            table_text(t, error == 0 ? "done" : hf_error_name(-error));
            table_number(t, (int64_t)a->counts[type][error]);
        }
    (void)tables_print(stdout, &t, 1, false);
    table_destroy(t);
}
