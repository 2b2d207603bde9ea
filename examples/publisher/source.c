/*
 * source.c - an engine, its events in pages, and the consumer's cursor.
 *
 * The cursor moves when the broker has confirmed what stands before it, so events are sent again
 * when the program ends in between: at least once, in order, with the same id.
 */
#include "source.h"

#include <holdfast.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

struct source {
    uv_loop_t loop;
    uv_timer_t timer;
    uv_signal_t signals[2];
    hf_engine *engine;
    const char *consumer;
    uint64_t seq;
    bool known; /* the store has the cursor */
    bool ends;
};

static const int signal_numbers[] = {SIGINT, SIGTERM};

static bool failed(const char *what, int error, const char *detail)
{
    (void)fprintf(stderr, "publisher: %s: %s (%s)%s%s\n", what, hf_error_text(error),
                  hf_error_name(error), detail[0] != '\0' ? ": " : "", detail);
    return false;
}

/* ---- Open and close -------------------------------------------------------------------------- */

static void on_signal(uv_signal_t *signal, int number)
{
    source *of = signal->data;
    (void)number;
    of->ends = true;
}

static void on_timer(uv_timer_t *timer)
{
    (void)timer;
}

static void begin_loop(source *of)
{
    (void)uv_loop_init(&of->loop);
    (void)uv_timer_init(&of->loop, &of->timer);
    for (size_t i = 0; i < 2; i++) {
        (void)uv_signal_init(&of->loop, &of->signals[i]);
        of->signals[i].data = of;
        (void)uv_signal_start(&of->signals[i], on_signal, signal_numbers[i]);
    }
}

static bool find_cursor(source *of)
{
    hf_cursor_get_args args;
    hf_completion done;
    hf_cursor_get_init(&args, of->consumer);
    int error = hf_run(of->engine, HF_OP_CURSOR_GET, &args, &done);
    if (error != 0 && error != HF_E_NOT_FOUND)
        return failed(of->consumer, error, done.detail);
    of->known = error == 0;
    of->seq = of->known ? ((const hf_cursor *)done.result)->seq : 0;
    return true;
}

source *source_open(const char *url, const char *consumer)
{
    char detail[480] = "";
    hf_options options;
    source *of = calloc(1, sizeof(*of));
    if (of == NULL) {
        (void)failed("memory", HF_E_NOMEM, "");
        return NULL;
    }
    of->consumer = consumer;
    begin_loop(of);
    hf_options_init(&options);
    options.store = url;
    options.error = detail;
    options.error_bytes = sizeof(detail);
    int error = hf_engine_open(&of->loop, &options, &of->engine);
    if (error != 0)
        (void)failed(url, error, detail);
    if (error == 0 && find_cursor(of))
        return of;
    (void)source_close(of);
    return NULL;
}

bool source_close(source *of)
{
    if (of == NULL)
        return true;
    int error = of->engine != NULL ? hf_run_close(of->engine) : 0;
    if (error != 0)
        (void)failed("close", error, "");
    uv_close((uv_handle_t *)&of->timer, NULL);
    for (size_t i = 0; i < 2; i++)
        uv_close((uv_handle_t *)&of->signals[i], NULL);
    (void)uv_run(&of->loop, UV_RUN_DEFAULT);
    (void)uv_loop_close(&of->loop);
    free(of);
    return error == 0;
}

/* ---- Events ---------------------------------------------------------------------------------- */

/* Events that a consumer has not had are kept for its cursor; of a new one the oldest may be gone.
 */
static bool check_removed(const source *of, const hf_event_page *page)
{
    if (page->removed == 0 || !of->known)
        return true;
    (void)fprintf(
        stderr,
        "publisher: %" PRIu64 " events after %" PRIu64 " were removed by retention before "
        "they were published; to continue behind them: holdfast cursors reset %s %" PRIu64 "\n",
        page->removed, of->seq, of->consumer, page->first_seq - 1);
    return false;
}

static bool write_all(const hf_event_page *page, messages *out)
{
    messages_clear(out);
    for (uint32_t i = 0; i < page->count; i++)
        if (!messages_add(out, page, i)) {
            (void)fprintf(stderr, "publisher: event %" PRIu64 " does not decode; try: verify\n",
                          page->rows[i]->seq);
            return false;
        }
    return true;
}

bool source_read(source *of, messages *out)
{
    hf_events_read_args args;
    hf_completion done;
    hf_events_read_init(&args);
    args.after_seq = of->seq;
    args.limit = MESSAGES_MAX;
    int error = hf_run(of->engine, HF_OP_EVENTS_READ, &args, &done);
    if (error != 0)
        return failed("events", error, done.detail);
    const hf_event_page *page = done.result;
    return check_removed(of, page) && write_all(page, out);
}

bool source_mark(source *of, uint64_t seq)
{
    hf_cursor_put_args args;
    hf_completion done;
    hf_cursor_put_init(&args, of->consumer, seq);
    int error = hf_run(of->engine, HF_OP_CURSOR_PUT, &args, &done);
    if (error != 0)
        return failed(of->consumer, error, done.detail);
    of->seq = seq;
    of->known = true;
    return true;
}

uint64_t source_position(const source *of)
{
    return of->seq;
}

void source_wait(source *of, uint32_t ms)
{
    (void)uv_timer_start(&of->timer, on_timer, ms, 0);
    while (!of->ends && uv_is_active((const uv_handle_t *)&of->timer) != 0)
        (void)uv_run(&of->loop, UV_RUN_ONCE);
}

bool source_ends(const source *of)
{
    return of->ends;
}
