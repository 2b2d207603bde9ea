/*
 * events.c - prints the events of a store, a line each, and continues with new ones.
 *
 * Happy path: the store is opened to read it, which is possible beside the engine that works on it,
 * and every event behind the last one is printed. With --follow the store is closed and opened
 * again once a second, because an open reader sees the state at its open. Failure modes: a store
 * that cannot be read any more ends the command with what was found wrong; one that an engine opens
 * or changes at this moment is looked at again.
 */
#include "cli.h"
#include "common/columns.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { PAGE = 256, PERIOD_S = 1 };

static const char *subject_name(uint32_t kind)
{
    const hf_table *events = record_table_of("events");
    for (uint32_t i = 0; i < events->column_count; i++)
        if (strcmp(events->columns[i].name, "subject_kind") == 0 &&
            kind < events->columns[i].name_count)
            return events->columns[i].names[kind];
    return "?";
}

/* The id as text; NULL for none. */
static const char *id_or_none(const hf_id *id, char text[37])
{
    static const hf_id none;
    return memcmp(id, &none, sizeof(none)) == 0 ? NULL : hf_id_format(id, text);
}

static void print_json_line(const hf_event *event, const char *at, const char *subject)
{
    char op[37];
    json_t *line =
        json_pack("{s:I, s:s?, s:s, s:s, s:s?, s:I, s:s?, s:s?}", "seq", (json_int_t)event->seq,
                  "at", at, "type", hf_event_type_name(event->type), "subject_kind",
                  subject_name(event->subject_kind), "subject_id", subject, "subject_version",
                  (json_int_t)event->subject_version, "op_id", id_or_none(&event->op, op), "actor",
                  event->actor.text[0] == '\0' ? NULL : event->actor.text);
    (void)json_dumpf(line, stdout, JSON_COMPACT);
    json_decref(line);
    (void)putchar('\n');
}

static void print_event(const hf_event *event, bool json)
{
    char time[TIME_TEXT], id[37];
    const char *at = time_text(event->at_ms, time);
    const char *subject = id_or_none(&event->subject, id);
    if (json) {
        print_json_line(event, at, subject);
        return;
    }
    printf("%8" PRIu64 "  %s  %-20s %-8s %-36s v%" PRIu64 "%s%s\n", event->seq,
           at == NULL ? "" : at, hf_event_type_name(event->type), subject_name(event->subject_kind),
           subject == NULL ? "" : subject, event->subject_version,
           event->actor.text[0] == '\0' ? "" : "  ", event->actor.text);
}

/* Prints every event behind *after, and moves it. */
static int print_new(session *s, bool json, uint64_t *after)
{
    hf_events_read_args args;
    hf_events_read_init(&args);
    args.limit = PAGE;
    for (uint32_t got = PAGE; got == PAGE;) {
        hf_completion done;
        args.after_seq = *after;
        session_call(s, HF_OP_EVENTS_READ, &args, &done);
        if (hf_error_class(done.status) == HF_CLASS_REJECTED)
            return fail(EXIT_REFUSED, "events: %s", done.detail);
        if (done.status != 0)
            return fail_with("events", done.status, done.detail);
        const hf_event_page *page = done.result;
        got = page->count;
        for (uint32_t i = 0; i < got; i++)
            print_event(page->rows[i], json);
        *after = page->next_seq;
    }
    return finish_output(EXIT_DONE);
}

/* The number of the last event that the store has. */
static int last_event(session *s, uint64_t *out)
{
    hf_health_info health = {.size = sizeof(health)};
    int error = hf_health(s->engine, &health);
    *out = health.event_seq;
    return error == 0 ? EXIT_DONE : fail_with("health", error, NULL);
}

/* Looks once: prints what is new. The first look of --follow without --after only finds the end. */
static int look(const options *opt, bool *at_end, uint64_t *after)
{
    session s;
    bool busy = false;
    int result = opt->follow ? session_read_or_busy(&s, opt, &busy) : session_read(&s, opt);
    if (result != EXIT_DONE || busy)
        return result; /* the next look finds what this one did not see */
    if (*at_end)
        result = last_event(&s, after);
    else
        result = print_new(&s, opt->json != 0, after);
    *at_end = false;
    session_close(&s);
    return result;
}

int command_events(const options *opt)
{
    const struct timespec period = {.tv_sec = PERIOD_S};
    uint64_t after = 0;
    bool at_end = opt->follow != 0 && opt->after == NULL;
    int result = opt->after == NULL ? EXIT_DONE : read_seq(opt->after, &after);
    if (result == EXIT_DONE && opt->rounds != 0 && !opt->follow)
        result = fail(EXIT_USAGE, "--rounds belongs to --follow");
    for (int64_t round = 0; result == EXIT_DONE; round++) {
        if (round > 0)
            (void)nanosleep(&period, NULL);
        result = look(opt, &at_end, &after);
        if (!opt->follow || (opt->rounds != 0 && round + 1 >= opt->rounds))
            break;
    }
    return result;
}
