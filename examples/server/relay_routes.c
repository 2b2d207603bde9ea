/*
 * relay_routes.c - resources for operators: endpoints, dead letters, and the two acts on a letter.
 *
 * A letter is named by its endpoint and the number of its event, so both acts may be repeated: a
 * letter that is to be sent again is queued once, and one that is not there any more, because it
 * was taken or dropped, is answered with the state NONE.
 */
#include "relay_routes.h"
#include "common/columns.h"
#include "common/memory.h"
#include "operation.h"
#include "problem.h"
#include "query.h"
#include "relay_state.h"
#include "route.h"
#include "server.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void relay_list(exchange *x)
{
    relay_figures f;
    json_text *out = &x->out;
    json_text_open(out, '{');
    json_text_name(out, "endpoints");
    json_text_open(out, '[');
    for (size_t i = 0; relay_at(&x->server->relays, i, &f); i++) {
        json_text_open(out, '{');
        json_text_member(out, "name", f.name);
        json_text_member(out, "state", f.state);
        json_text_member(out, "last", f.last[0] == '\0' ? NULL : f.last);
        json_text_number(out, "position", (int64_t)f.position);
        json_text_number(out, "lag", (int64_t)f.lag);
        json_text_number(out, "delivered", (int64_t)f.delivered);
        json_text_number(out, "failed", (int64_t)f.failed);
        json_text_number(out, "attempts", f.attempts);
        json_text_number(out, "dead", (int64_t)f.dead);
        json_text_close(out, '}');
    }
    json_text_close(out, ']');
    json_text_close(out, '}');
    exchange_answer(x, 200, TYPE_JSON);
}

/* ---- Dead letters ---------------------------------------------------------------------------- */

/* The relay of an endpoint that has a line; NULL: there is none. */
static relay *relay_of(const exchange *x, const char *name)
{
    for (relay *r = x->server->relays.first; r != NULL; r = r->next)
        if (!r->gone && strcmp(r->to.name, name) == 0)
            return r;
    return NULL;
}

/* The position of a letter among those that are to be sent again; letter_count: it is not there. */
static size_t queued_at(const relay *r, uint64_t seq)
{
    size_t at = 0;
    while (at < r->letter_count && r->letters[at].seq != seq)
        at++;
    return at;
}

static void write_letter(exchange *x, const dead_letter *letter, const hf_cursor *row)
{
    json_text *out = &x->out;
    char text[80];
    hf_health_info health = {.size = sizeof(health)};
    const relay *r = relay_of(x, letter->endpoint);
    (void)hf_health(x->server->engine, &health);
    json_text_open(out, '{');
    json_text_member(out, "endpoint", letter->endpoint);
    json_text_number(out, "event", (int64_t)letter->seq);
    (void)snprintf(text, sizeof(text), "%" PRIu64 "-%" PRIu64, health.incarnation, letter->seq);
    json_text_member(out, "id", text);
    json_text_member(out, "reason", post_reason(letter->code, text));
    json_text_member(out, "time", time_text(row->updated_at_ms, text));
    json_text_name(out, "queued");
    json_text_bool(out, r != NULL && queued_at(r, letter->seq) < r->letter_count);
    json_text_close(out, '}');
}

static void answer_letters(exchange *x, const hf_completion *done)
{
    char cursor[CURSOR_TEXT];
    dead_letter letter;
    const hf_cursor_page *page = done->result;
    json_text *out = &x->out;
    if (done->status != 0) {
        problem_error(x, done->status, done->detail);
        return;
    }
    json_text_open(out, '{');
    json_text_name(out, "letters");
    json_text_open(out, '[');
    bool more = true;
    for (uint32_t i = 0; i < page->count; i++) {
        more = strncmp(page->rows[i]->consumer.text, DEAD_PREFIX, sizeof(DEAD_PREFIX) - 1) == 0;
        if (more && dead_read(page->rows[i]->consumer.text, &letter))
            write_letter(x, &letter, page->rows[i]);
    }
    json_text_close(out, ']');
    json_text_name(out, "next_cursor");
    json_text_string(out, more && cursor_make(x, done, cursor) ? cursor : NULL);
    json_text_close(out, '}');
    exchange_answer(x, 200, TYPE_JSON);
}

void letter_list(exchange *x)
{
    json_t *args = operation_body(x);
    if (args == NULL)
        return;
    if (!query_has(x, "cursor"))
        (void)json_object_set_new(args, "after", json_string(DEAD_PREFIX));
    operation_submit(x, args);
    x->done = answer_letters;
}

/* ---- Acts ------------------------------------------------------------------------------------ */

static void answer_state(exchange *x, const char *state)
{
    json_text_open(&x->out, '{');
    json_text_member(&x->out, "state", state);
    json_text_close(&x->out, '}');
    exchange_answer(x, 200, TYPE_JSON);
}

/* Where the letter of the path begins in the order of cursors; false: the path names none. */
static bool read_place(const exchange *x, char place[DEAD_PLACE])
{
    char *end;
    errno = 0;
    const uint64_t seq = strtoull(x->params[1], &end, 10);
    const char first = x->params[1][0];
    if (errno != 0 || first < '0' || first > '9' || *end != '\0' || seq == 0 || seq > INT64_MAX ||
        strlen(x->params[0]) >= ENDPOINT_NAME)
        return false;
    dead_place(x->params[0], seq, place);
    return true;
}

static void find_letter(exchange *x, void (*done)(exchange *x, const hf_completion *done))
{
    char place[DEAD_PLACE];
    hf_cursor_list_args args;
    if (x->body_bytes != 0) {
        problem_answer(x, PROBLEM_BODY_UNWANTED, NULL, "%s", x->route->path);
        return;
    }
    if (!read_place(x, place)) {
        answer_state(x, "NONE");
        return;
    }
    hf_cursor_list_init(&args);
    args.after = place;
    args.limit = 1;
    x->done = done;
    server_submit(x, &(hf_op){.type = HF_OP_CURSOR_LIST, .args = &args});
}

/* The letter that was found; false: the request is answered. */
static bool found_letter(exchange *x, const hf_completion *done, dead_letter *letter)
{
    char place[DEAD_PLACE];
    const hf_cursor_page *page = done->result;
    if (done->status != 0) {
        problem_error(x, done->status, done->detail);
        return false;
    }
    if (read_place(x, place) && page->count != 0 &&
        strncmp(page->rows[0]->consumer.text, place, strlen(place)) == 0 &&
        dead_read(page->rows[0]->consumer.text, letter))
        return true;
    answer_state(x, "NONE");
    return false;
}

static void retry_found(exchange *x, const hf_completion *done)
{
    dead_letter letter;
    if (!found_letter(x, done, &letter))
        return;
    relay *r = relay_of(x, letter.endpoint);
    if (r == NULL || r->state == RELAY_STOPPED) {
        problem_answer(x, PROBLEM_ENDPOINT, NULL, "%s: %s", letter.endpoint,
                       r == NULL ? "the settings do not name it" : r->last);
        return;
    }
    if (queued_at(r, letter.seq) == r->letter_count) {
        r->letters =
            grow_memory(r->letters, &r->letter_capacity, r->letter_count + 1, sizeof(letter));
        r->letters[r->letter_count++] = letter;
    }
    answer_state(x, "QUEUED");
    relay_turn(r);
}

void letter_retry(exchange *x)
{
    find_letter(x, retry_found);
}

static void dropped(exchange *x, const hf_completion *done)
{
    relay *r = relay_of(x, x->params[0]);
    if (done->status != 0 && done->status != HF_E_NOT_FOUND) {
        problem_error(x, done->status, done->detail);
        return;
    }
    if (done->status == 0 && r != NULL && r->dead != 0)
        r->dead--;
    answer_state(x, done->status == 0 ? "DROPPED" : "NONE");
}

/* A letter that waits to be sent again is not sent; one that is on its way is finished. */
static void forget_queued(relay *r, uint64_t seq)
{
    const size_t at = queued_at(r, seq);
    if (at == r->letter_count || (at == 0 && r->letter_step != LETTER_WAITS))
        return;
    r->letter_count--;
    memmove(r->letters + at, r->letters + at + 1, (r->letter_count - at) * sizeof(*r->letters));
}

static void drop_found(exchange *x, const hf_completion *done)
{
    dead_letter letter;
    hf_cursor_remove_args args;
    if (!found_letter(x, done, &letter))
        return;
    relay *r = relay_of(x, letter.endpoint);
    if (r != NULL)
        forget_queued(r, letter.seq);
    hf_cursor_remove_init(&args, letter.cursor);
    args.head.actor = x->actor[0] == '\0' ? NULL : x->actor;
    x->done = dropped;
    server_submit(x, &(hf_op){.type = HF_OP_CURSOR_REMOVE, .args = &args});
}

void letter_drop(exchange *x)
{
    find_letter(x, drop_found);
}
