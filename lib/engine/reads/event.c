/*
 * event.c - reads of events, cursors and statements.
 *
 * Happy path: the events behind a position are read in order. A filter looks at a bounded number of
 * events and returns where to continue, so that one rare event far ahead never makes a single read
 * long. Every page says how many events between its position and its first event were removed by
 * retention.
 *
 * Failure modes: HF_E_SEQ_AHEAD for a position behind the last event. That costs nothing while
 * there are events behind the position: only an empty page looks for the last event.
 */
#include "base/id.h"
#include "domain/core/account_ref.h"
#include "domain/core/body.h"
#include "domain/ledger/movement.h"
#include "engine/reads/query.h"
#include <holdfast/error.h>
#include <string.h>

#define STATEMENT_EVENTS 4096u
#define STATEMENT_PAGE   128u

static int events_after(hf__query *query, uint64_t seq, uint32_t limit, const void *const **rows,
                        uint32_t *count)
{
    hf_event low = {.seq = seq};
    hf_scan scan = {.table = HF__EVENTS, .low = &low, .low_columns = 1, .low_exclusive = 1};
    return hf__query_scan(query, &scan, limit, rows, count);
}

/* The number of the last event that retention removed; 0: none was removed. */
static int last_removed(hf__query *query, uint64_t *seq)
{
    const hf__purge key = {.kind = HF__PURGE_EVENTS, .first = 1};
    const void *row = NULL;
    int error = hf__query_get(query, HF__PURGES, &key, &row);
    *seq = row == NULL ? 0 : ((const hf__purge *)row)->last;
    return error;
}

/* The number of the last event; 0: there was none yet. */
static int last_event(hf__query *query, uint64_t *seq)
{
    const hf_scan scan = {.table = HF__EVENTS, .descending = 1};
    const void *const *rows = NULL;
    uint32_t count = 0;
    int error = hf__query_scan(query, &scan, 1, &rows, &count);
    if (error != 0 || count == 0)
        return error != 0 ? error : last_removed(query, seq);
    *seq = ((const hf_event *)rows[0])->seq;
    return 0;
}

/* Refuses a position that no event has yet. Called only when no event follows the position. */
static int check_position(hf__query *query, uint64_t after_seq)
{
    uint64_t last = 0;
    int error = last_event(query, &last);
    if (error != 0 || after_seq <= last)
        return error;
    return hf__refuse(&query->detail, HF_E_SEQ_AHEAD, "after_seq %llu: the last event is %llu",
                      (unsigned long long)after_seq, (unsigned long long)last);
}

/* What a page that begins after a position says about events that retention removed. */
static int note_removed(hf__query *query, uint64_t after_seq, uint64_t *first_seq,
                        uint64_t *removed)
{
    uint64_t last = 0;
    int error = last_removed(query, &last);
    *first_seq = last + 1;
    *removed = last > after_seq ? last - after_seq : 0;
    return error;
}

static bool is_selected(const hf_events_read_args *read, const hf_event *event)
{
    return (read->type == 0 || read->type == event->type) &&
           (hf__id_zero(&read->subject) || hf__id_equal(&read->subject, &event->subject));
}

int hf__query_events(hf__query *query, const hf_op_head *args, const void **result)
{
    const hf_events_read_args *read = (const hf_events_read_args *)args;
    hf_event_page *out = hf__arena_zalloc(query->work, sizeof(*out));
    const hf_event **kept = hf__arena_alloc(query->work, sizeof(void *) * read->limit);
    const void *const *rows;
    uint32_t count;
    if (out == NULL || kept == NULL)
        return HF_E_OVERLOADED;
    int error = events_after(query, read->after_seq, read->limit, &rows, &count);
    if (error == 0 && count == 0)
        error = check_position(query, read->after_seq);
    if (error == 0)
        error = note_removed(query, read->after_seq, &out->first_seq, &out->removed);
    if (error != 0)
        return error;
    out->next_seq = read->after_seq + out->removed;
    out->store = query->store_id;
    out->incarnation = query->incarnation;
    for (uint32_t i = 0; i < count; i++) {
        const hf_event *event = rows[i];
        out->next_seq = event->seq;
        if (is_selected(read, event))
            kept[out->count++] = event;
    }
    out->rows = kept;
    out->at_end = count < read->limit;
    *result = out;
    return 0;
}

int hf__query_cursor(hf__query *query, const hf_op_head *args, const void **result)
{
    hf_cursor key = {.seq = 0};
    const char *consumer = ((const hf_cursor_get_args *)args)->consumer;
    hf__name_set(&key.consumer, consumer);
    int error = hf__query_get(query, HF__CURSORS, &key, result);
    if (error == 0 && *result == NULL)
        return hf__refuse(&query->detail, HF_E_NOT_FOUND, "no cursor %s", consumer);
    return error;
}

int hf__query_cursors(hf__query *query, const hf_op_head *args, const void **result)
{
    const hf_cursor_list_args *list = (const hf_cursor_list_args *)args;
    hf_cursor low = {.seq = 0};
    hf__name_set(&low.consumer, list->after);
    const hf_scan scan = {.table = HF__CURSORS, .low = &low, .low_columns = 1, .low_exclusive = 1};
    hf_cursor_page *out = hf__arena_zalloc(query->work, sizeof(*out));
    const void *const *rows = NULL;
    if (out == NULL)
        return hf__query_out_of_memory(query);
    int error = hf__query_scan(query, &scan, list->limit, &rows, &out->count);
    if (error == 0)
        error = last_event(query, &out->last_seq);
    if (error == 0)
        error = last_removed(query, &out->first_seq);
    out->first_seq++;
    out->rows = (const hf_cursor *const *)rows;
    *result = out;
    return error;
}

/* A statement being filled. */
typedef struct statement {
    hf__query *query;
    hf_account_ref account;
    const hf_movement **rows;
    hf_statement_page *page;
    uint32_t limit;
    uint32_t full;
} statement;

static int add_movement(statement *s, const hf_event *event, const hf_change *change, bool into)
{
    hf_movement *movement = hf__arena_zalloc(s->query->work, sizeof(*movement));
    if (movement == NULL)
        return HF_E_OVERLOADED;
    *movement = (hf_movement){
        .seq = event->seq,
        .at_ms = event->at_ms,
        .subject = event->subject,
        .amount = into ? change->amount : -change->amount,
        .other = into ? change->from : change->to,
        .type = event->type,
        .subject_kind = event->subject_kind,
    };
    s->rows[s->page->count++] = movement;
    return 0;
}

/* The movements of one event, behind those that earlier pages have of it. */
static int add_event(statement *s, const hf_event *event)
{
    uint64_t position = 0;
    uint32_t no = 0;
    hf_change change;
    int more;
    while ((more = hf__body_next(event->body, event->body_bytes, &position, &change)) == 1) {
        bool into = hf__account_same(&change.to, &s->account);
        bool moves =
            change.type == HF_CHANGE_MOVE && (into || hf__account_same(&change.from, &s->account));
        if (!moves || no++ < s->page->next_no)
            continue;
        if (s->page->count == s->limit) {
            s->page->next_no = no - 1;
            s->full = 1;
            return 0;
        }
        int error = add_movement(s, event, &change, into);
        if (error != 0)
            return error;
    }
    s->page->next_seq = event->seq;
    s->page->next_no = 0;
    return more < 0 ? more : 0;
}

static int fill(statement *s)
{
    for (uint32_t looked = 0; !s->full && looked < STATEMENT_EVENTS; looked += STATEMENT_PAGE) {
        const void *const *rows;
        uint32_t count;
        int error = events_after(s->query, s->page->next_seq, STATEMENT_PAGE, &rows, &count);
        if (error == 0 && count == 0 && looked == 0)
            error = check_position(s->query, s->page->next_seq);
        for (uint32_t i = 0; error == 0 && !s->full && i < count; i++)
            error = add_event(s, rows[i]);
        if (error != 0)
            return error;
        if (count < STATEMENT_PAGE) {
            s->page->at_end = !s->full;
            return 0;
        }
    }
    return 0;
}

int hf__query_statement(hf__query *query, const hf_op_head *args, const void **result)
{
    const hf_statement_args *list = (const hf_statement_args *)args;
    statement s = {.query = query, .limit = list->limit};
    s.page = hf__arena_zalloc(query->work, sizeof(*s.page));
    s.rows = hf__arena_alloc(query->work, sizeof(void *) * list->limit);
    if (s.page == NULL || s.rows == NULL)
        return HF_E_OVERLOADED;
    hf__account_ref_set(&s.account, &list->account);
    s.page->rows = s.rows;
    *result = s.page;
    int error = note_removed(query, list->after_seq, &s.page->first_seq, &s.page->removed);
    s.page->next_seq = list->after_seq + s.page->removed;
    s.page->next_no = s.page->removed == 0 ? list->after_no : 0; /* of an event that is there */
    return error != 0 ? error : fill(&s);
}
