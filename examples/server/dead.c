/*
 * dead.c - dead letters, each a cursor of the store: "webhook-dead/ENDPOINT/SEQ/CODE" in front of
 * the event SEQ.
 *
 * WHY CURSORS. A dead letter must survive kill -9, a backup and its restore, and its event must not
 * be removed by retention before a person has decided. A cursor has these properties already: it is
 * written with the journal, it is a row of every backup, and retention keeps the events behind it.
 * A file beside the store would be missing in the backup, and after a restore it would name events
 * of another history. The price is that one old letter keeps all events after it: the list of
 * cursors shows how far it is behind, and dropping the letter frees them.
 *
 * The letter is put before the cursor of the endpoint passes the event. After a crash in between
 * the event is tried again, and becomes no second letter, because a letter of its number is looked
 * for first. CODE is how the last attempt ended, so that the reason survives as well.
 */
#include "dead.h"
#include "relay_state.h"
#include "server.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COUNT_PAGE = 256 };

void dead_place(const char *of, uint64_t seq, char out[DEAD_PLACE])
{
    if (seq == 0)
        (void)snprintf(out, DEAD_PLACE, DEAD_PREFIX "%.24s/", of);
    else
        (void)snprintf(out, DEAD_PLACE, DEAD_PREFIX "%.24s/%020" PRIu64 "/", of, seq);
}

bool dead_read(const char *cursor, dead_letter *out)
{
    const size_t bytes = sizeof(DEAD_PREFIX) - 1;
    char *end;
    if (strncmp(cursor, DEAD_PREFIX, bytes) != 0)
        return false;
    const char *name = cursor + bytes, *slash = strchr(name, '/');
    if (slash == NULL || (size_t)(slash - name) >= sizeof(out->endpoint))
        return false;
    (void)snprintf(out->cursor, sizeof(out->cursor), "%s", cursor);
    (void)snprintf(out->endpoint, sizeof(out->endpoint), "%.*s", (int)(slash - name), name);
    out->seq = strtoull(slash + 1, &end, 10);
    if (end == slash + 1 || *end != '/' || out->seq == 0)
        return false;
    out->code = (unsigned)strtoul(end + 1, &end, 10);
    return *end == '\0';
}

static int find(hf_engine *engine, hf_req *req, const char *after, uint32_t limit, hf_done_cb cb)
{
    hf_cursor_list_args args;
    if (engine == NULL)
        return HF_E_CLOSED;
    hf_cursor_list_init(&args);
    args.after = after;
    args.limit = limit;
    return hf_cursor_list(engine, req, &args, cb);
}

/* ---- Counting -------------------------------------------------------------------------------- */

static void on_counted(hf_req *req, const hf_completion *done);

/* Counts from the letter behind `after`. */
static void count_from(relay *r, const char *after)
{
    r->busy = find(relay_engine(r), &r->step, after, COUNT_PAGE, on_counted) == 0;
    if (!r->busy)
        relay_ask_again(r);
}

static void add_page(relay *r, const hf_cursor_page *page)
{
    char place[DEAD_PLACE];
    uint32_t own = 0;
    dead_place(r->to.name, 0, place);
    while (own < page->count && strncmp(page->rows[own]->consumer.text, place, strlen(place)) == 0)
        own++;
    r->dead += own;
    r->counted = own < COUNT_PAGE;
    if (!r->counted)
        count_from(r, page->rows[own - 1]->consumer.text);
}

static void on_counted(hf_req *req, const hf_completion *done)
{
    relay *r = req->data;
    r->busy = false;
    if (done->status == 0)
        add_page(r, done->result);
    else
        relay_refused(r, done);
    relay_turn(r);
}

void dead_count(relay *r)
{
    char place[DEAD_PLACE];
    dead_place(r->to.name, 0, place);
    r->dead = 0;
    count_from(r, place);
}

/* ---- A message that is not taken ------------------------------------------------------------- */

static void on_buried(hf_req *req, const hf_completion *done)
{
    relay *r = req->data;
    r->busy = false;
    if (done->status == 0) {
        relay_log(r, HF_LOG_ERROR, "a message is a dead letter now", r->page.rows[r->at].id);
        r->buried++;
        r->dead++;
        relay_passed(r);
    } else {
        relay_refused(r, done);
    }
    relay_turn(r);
}

static void put_letter(relay *r)
{
    char place[DEAD_PLACE], name[DEAD_PLACE + 4];
    hf_cursor_put_args args;
    const uint64_t seq = r->page.rows[r->at].seq;
    if (relay_engine(r) == NULL)
        return;
    dead_place(r->to.name, seq, place);
    (void)snprintf(name, sizeof(name), "%s%03u", place, r->bury_code % 1000);
    hf_cursor_put_init(&args, name, seq - 1);
    r->busy = hf_cursor_put(relay_engine(r), &r->step, &args, on_buried) == 0;
    if (!r->busy)
        relay_ask_again(r);
}

/* Whether there is a letter of the event already. */
static void on_looked(hf_req *req, const hf_completion *done)
{
    relay *r = req->data;
    const hf_cursor_page *page = done->result;
    char place[DEAD_PLACE];
    dead_place(r->to.name, r->page.rows[r->at].seq, place);
    r->busy = false;
    if (done->status != 0)
        relay_refused(r, done);
    else if (page->count != 0 && strncmp(page->rows[0]->consumer.text, place, strlen(place)) == 0)
        relay_passed(r);
    else
        put_letter(r);
    relay_turn(r);
}

void dead_bury(relay *r)
{
    char place[DEAD_PLACE];
    dead_place(r->to.name, r->page.rows[r->at].seq, place);
    r->busy = find(relay_engine(r), &r->step, place, 1, on_looked) == 0;
    if (!r->busy)
        relay_ask_again(r);
}

/* ---- A letter that is sent again ------------------------------------------------------------- */

/* Removes the first letter from the list of those that are sent again. */
static void take_letter(relay *r)
{
    r->letter_count--;
    memmove(r->letters, r->letters + 1, r->letter_count * sizeof(*r->letters));
    r->letter_step = LETTER_WAITS;
}

/* True for errors of the engine after which the same request may succeed later. */
static bool is_asked_again(int status)
{
    return hf_error_class(status) == HF_CLASS_RETRYABLE || status == HF_E_CANCELLED;
}

/* Takes the event of the first letter out of its page; false: it is not there. */
static bool read_letter(relay *r, const hf_completion *done)
{
    const hf_event_page *page = done->result;
    messages_clear(&r->letter);
    if (done->status != 0 || page->count != 1 || page->rows[0]->seq != r->letters[0].seq)
        return false;
    (void)hf_id_format(&page->store, r->store);
    return messages_add(&r->letter, page, 0);
}

static void send_letter(relay *r)
{
    r->busy = post_message(r, &r->letter.rows[0]);
    if (r->busy)
        r->letter_step = LETTER_IS_SENT;
    else
        relay_ask_again(r);
}

static void on_event(hf_req *req, const hf_completion *done)
{
    relay *r = req->data;
    r->busy = false;
    r->letter_step = LETTER_WAITS;
    if (is_asked_again(done->status)) {
        relay_ask_again(r);
    } else if (read_letter(r, done)) {
        send_letter(r);
    } else {
        take_letter(r);
        relay_log(r, HF_LOG_ERROR, "the event of a dead letter cannot be sent", NULL);
    }
    relay_turn(r);
}

/* An operator may have dropped the letter meanwhile, and the count with it. */
static void end_removal(relay *r, int status)
{
    if (status == 0 && r->dead != 0)
        r->dead--;
    if (status != 0 && status != HF_E_NOT_FOUND)
        relay_log(r, HF_LOG_ERROR, "a dead letter that was taken cannot be removed: drop it",
                  r->letter.rows[0].id);
    take_letter(r);
}

static void on_removed(hf_req *req, const hf_completion *done)
{
    relay *r = req->data;
    r->busy = false;
    if (is_asked_again(done->status))
        relay_ask_again(r);
    else
        end_removal(r, done->status);
    relay_turn(r);
}

void dead_remove(relay *r)
{
    hf_cursor_remove_args args;
    hf_cursor_remove_init(&args, r->letters[0].cursor);
    r->busy = relay_engine(r) != NULL &&
              hf_cursor_remove(relay_engine(r), &r->step, &args, on_removed) == 0;
    if (!r->busy)
        relay_ask_again(r);
}

void dead_send(relay *r)
{
    hf_events_read_args args;
    hf_events_read_init(&args);
    args.after_seq = r->letters[0].seq - 1;
    args.limit = 1;
    r->busy = hf_events_read(relay_engine(r), &r->step, &args, on_event) == 0;
    if (r->busy)
        r->letter_step = LETTER_IS_SENT;
    else
        relay_ask_again(r);
}

void dead_posted(relay *r, bool taken)
{
    relay_log(r, taken ? HF_LOG_INFO : HF_LOG_WARN,
              taken ? "a dead letter was taken" : "a dead letter was not taken again",
              r->letter.rows[0].id);
    r->delivered += taken ? 1 : 0;
    r->failed += taken ? 0 : 1;
    if (taken)
        r->letter_step = LETTER_IS_TAKEN; /* the next turn of the relay removes it */
    else
        take_letter(r);
}
