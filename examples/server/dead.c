/*
 * dead.c - dead letters, each a cursor of the store: "webhook-dead/ENDPOINT/SEQ/CODE" in front of
 * the event SEQ.
 *
 * WHY CURSORS. A dead letter must survive kill -9, a backup and its restore, and its event must not
 * be removed by retention before a person has decided. A cursor is all of that already: it is
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

enum { COUNT_PAGE = 256, ASK_AGAIN_MS = 100 };

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

static void on_counted(hf_req *req, const hf_completion *done)
{
    relay *r = req->data;
    const hf_cursor_page *page = done->result;
    char place[DEAD_PLACE];
    uint32_t own = 0;
    dead_place(r->to.name, 0, place);
    while (done->status == 0 && own < page->count &&
           strncmp(page->rows[own]->consumer.text, place, strlen(place)) == 0)
        own++;
    r->dead += own;
    r->busy =
        own == COUNT_PAGE && find(relay_engine(r), &r->step, page->rows[own - 1]->consumer.text,
                                  COUNT_PAGE, on_counted) == 0;
    relay_turn(r);
}

void dead_count(relay *r)
{
    char place[DEAD_PLACE];
    dead_place(r->to.name, 0, place);
    r->busy = find(relay_engine(r), &r->step, place, COUNT_PAGE, on_counted) == 0;
    relay_turn(r);
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
        relay_wait(r, ASK_AGAIN_MS);
    }
    relay_turn(r);
}

static int put_letter(relay *r)
{
    char place[DEAD_PLACE], name[DEAD_PLACE + 4];
    hf_cursor_put_args args;
    const uint64_t seq = r->page.rows[r->at].seq;
    if (relay_engine(r) == NULL)
        return HF_E_CLOSED;
    dead_place(r->to.name, seq, place);
    (void)snprintf(name, sizeof(name), "%s%03u", place, r->bury_code % 1000);
    hf_cursor_put_init(&args, name, seq - 1);
    return hf_cursor_put(relay_engine(r), &r->step, &args, on_buried);
}

/* Whether there is a letter of the event already. */
static void on_looked(hf_req *req, const hf_completion *done)
{
    relay *r = req->data;
    const hf_cursor_page *page = done->result;
    char place[DEAD_PLACE];
    dead_place(r->to.name, r->page.rows[r->at].seq, place);
    bool good = done->status == 0;
    r->busy = false;
    if (good && page->count != 0 &&
        strncmp(page->rows[0]->consumer.text, place, strlen(place)) == 0)
        relay_passed(r);
    else if (good)
        good = r->busy = put_letter(r) == 0;
    if (!good)
        relay_wait(r, ASK_AGAIN_MS);
    relay_turn(r);
}

void dead_bury(relay *r, unsigned code)
{
    char place[DEAD_PLACE];
    r->bury_code = code;
    dead_place(r->to.name, r->page.rows[r->at].seq, place);
    r->busy = find(relay_engine(r), &r->step, place, 1, on_looked) == 0;
    if (!r->busy)
        relay_wait(r, ASK_AGAIN_MS);
}

/* ---- A letter that is sent again ------------------------------------------------------------- */

/* The first letter has come to its end. */
static void take_letter(relay *r)
{
    r->letter_count--;
    memmove(r->letters, r->letters + 1, r->letter_count * sizeof(*r->letters));
    r->sends_letter = false;
    r->busy = false;
}

static void on_event(hf_req *req, const hf_completion *done)
{
    relay *r = req->data;
    const hf_event_page *page = done->result;
    bool sent = false;
    messages_clear(&r->letter);
    if (done->status == 0 && page->count == 1 && page->rows[0]->seq == r->letters[0].seq &&
        messages_add(&r->letter, page, 0)) {
        (void)hf_id_format(&page->store, r->store);
        sent = post_message(r, &r->letter.rows[0]);
    }
    if (!sent) {
        take_letter(r);
        relay_log(r, HF_LOG_ERROR, "the event of a dead letter cannot be sent", NULL);
        relay_turn(r);
    }
}

void dead_send(relay *r)
{
    hf_events_read_args args;
    hf_events_read_init(&args);
    args.after_seq = r->letters[0].seq - 1;
    args.limit = 1;
    r->busy = hf_events_read(relay_engine(r), &r->step, &args, on_event) == 0;
    r->sends_letter = r->busy;
    if (!r->busy)
        relay_wait(r, ASK_AGAIN_MS);
}

static void on_removed(hf_req *req, const hf_completion *done)
{
    relay *r = req->data;
    if (done->status == 0 && r->dead != 0)
        r->dead--;
    take_letter(r);
    relay_turn(r);
}

void dead_posted(relay *r, bool taken)
{
    hf_cursor_remove_args args;
    relay_log(r, taken ? HF_LOG_INFO : HF_LOG_WARN,
              taken ? "a dead letter was taken" : "a dead letter was not taken again",
              r->letter.rows[0].id);
    r->delivered += taken ? 1 : 0;
    r->failed += taken ? 0 : 1;
    hf_cursor_remove_init(&args, r->letters[0].cursor);
    if (taken && relay_engine(r) != NULL &&
        hf_cursor_remove(relay_engine(r), &r->step, &args, on_removed) == 0)
        r->busy = true;
    else
        take_letter(r);
}
