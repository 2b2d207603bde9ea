/*
 * relay.c - reads the events of the store for each endpoint and decides what is sent next.
 *
 * Happy path: the cursor says where to begin, a page of events is read, those that the endpoint
 * subscribes to become messages, and each is sent when the one before has been taken. The cursor
 * follows without being waited for, so after a crash the last messages are sent again, with the
 * same ids. At the end of the events the relay waits until the subscription of the engine reports a
 * new one.
 *
 * Failure modes. An attempt fails: the next one waits as hf_retry_delay says, and longer when the
 * breaker is open, which counts what says that the endpoint does not work (no answer, 5xx, 408,
 * 429). The attempts are used up: dead.c keeps the message, and the next one is sent. 410: the
 * relay stops. The engine refuses a request: it is asked again. Another client has moved the cursor
 * forward: the relay continues from that cursor.
 */
#include "relay.h"
#include "common/memory.h"
#include "common/transfers.h"
#include "relay_state.h"
#include "server.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BREAKER_FAILURES = 5, ASK_AGAIN_MS = 100, AFTER_MAX_MS = 3600000, STATUS_GONE = 410 };

hf_engine *relay_engine(const relay *r)
{
    const server *s = r->all->server;
    return s->closing ? NULL : s->engine;
}

static int64_t now_ms(void)
{
    return (int64_t)(now_ns() / 1000000u);
}

void relay_log(relay *r, uint32_t level, const char *what, const char *message_id)
{
    server_log *log = &r->all->server->log;
    if (!log_begin(log, level, "webhook"))
        return;
    json_text_member(&log->filling, "endpoint", r->to.name);
    json_text_member(&log->filling, "text", what);
    if (message_id != NULL)
        json_text_member(&log->filling, "event", message_id);
    if (r->last[0] != '\0')
        json_text_member(&log->filling, "last", r->last);
    json_text_number(&log->filling, "attempts", r->attempts);
    log_end(log);
}

static void on_timer(uv_timer_t *timer)
{
    relay_turn(timer->data);
}

/* The next attempt of a message waits so long. */
static void back_off(relay *r, int64_t ms)
{
    (void)uv_timer_start(&r->backoff, on_timer, (uint64_t)(ms < 1 ? 1 : ms), 0);
}

void relay_ask_again(relay *r)
{
    (void)uv_timer_start(&r->again, on_timer, ASK_AGAIN_MS, 0);
}

static bool is_running(const uv_timer_t *timer)
{
    return uv_is_active((const uv_handle_t *)timer) != 0;
}

static void cursor_name(const relay *r, char out[HF_NAME_MAX + 1])
{
    (void)snprintf(out, HF_NAME_MAX + 1, "webhook/%s", r->to.name);
}

/* ---- The cursor ------------------------------------------------------------------------------ */

static void on_marked(hf_req *req, const hf_completion *done);

/* Has the store keep how far the endpoint has come, unless that is being done. */
static void mark(relay *r)
{
    char name[HF_NAME_MAX + 1];
    hf_cursor_put_args args;
    hf_engine *engine = relay_engine(r);
    if (r->marking || r->marked == r->position || engine == NULL || r->state == RELAY_STARTING)
        return;
    cursor_name(r, name);
    hf_cursor_put_init(&args, name, r->position);
    r->marking_to = r->position;
    r->marking = hf_cursor_put(engine, &r->mark, &args, on_marked) == 0;
}

static void on_marked(hf_req *req, const hf_completion *done)
{
    relay *r = req->data;
    r->marking = false;
    if (done->status == 0) {
        r->marked = r->marking_to;
        mark(r);
    } else if (done->status == HF_E_CURSOR_BACK) {
        r->state = RELAY_STARTING;
    } else {
        relay_ask_again(r);
    }
    relay_turn(r);
}

static void stop(relay *r, const char *why, const char *message_id)
{
    r->state = RELAY_STOPPED;
    relay_log(r, HF_LOG_ERROR, why, message_id);
}

void relay_refused(relay *r, const hf_completion *done)
{
    if (hf_error_class(done->status) == HF_CLASS_RETRYABLE)
        relay_ask_again(r);
    else if (done->status != HF_E_CANCELLED)
        stop(r, done->detail, NULL);
}

static void begin_at(relay *r, uint64_t position)
{
    messages_clear(&r->page);
    r->at = 0;
    r->attempts = 0;
    r->buries = false;
    r->position = r->marked = r->page_end = position;
    r->news = true;
    r->state = RELAY_ACTIVE;
}

static void on_first_mark(hf_req *req, const hf_completion *done)
{
    relay *r = req->data;
    r->busy = false;
    if (done->status == 0)
        begin_at(r, ((const hf_cursor *)done->result)->seq);
    else
        relay_refused(r, done);
    relay_turn(r);
}

/* A new endpoint: its cursor is put behind the last event. */
static int put_first(relay *r)
{
    char name[HF_NAME_MAX + 1];
    hf_cursor_put_args args;
    hf_health_info health = {.size = sizeof(health)};
    const int error = hf_health(relay_engine(r), &health);
    if (error != 0)
        return error;
    cursor_name(r, name);
    hf_cursor_put_init(&args, name, health.event_seq);
    return hf_cursor_put(relay_engine(r), &r->step, &args, on_first_mark);
}

static void on_cursor(hf_req *req, const hf_completion *done)
{
    relay *r = req->data;
    r->busy = false;
    if (done->status == 0) {
        begin_at(r, ((const hf_cursor *)done->result)->seq);
    } else if (done->status != HF_E_NOT_FOUND) {
        relay_refused(r, done);
    } else if (relay_engine(r) != NULL) {
        r->busy = put_first(r) == 0;
        if (!r->busy)
            relay_ask_again(r);
    }
    relay_turn(r);
}

static void read_cursor(relay *r)
{
    char name[HF_NAME_MAX + 1];
    hf_cursor_get_args args;
    cursor_name(r, name);
    hf_cursor_get_init(&args, name);
    r->busy = hf_cursor_get(relay_engine(r), &r->step, &args, on_cursor) == 0;
    if (!r->busy)
        relay_ask_again(r);
}

/* ---- Events ---------------------------------------------------------------------------------- */

static void take_page(relay *r, const hf_event_page *page)
{
    messages_clear(&r->page);
    r->at = 0;
    (void)hf_id_format(&page->store, r->store);
    for (uint32_t i = 0; i < page->count; i++)
        if (endpoint_subscribes(&r->to, page->rows[i]))
            (void)messages_add(&r->page, page, i);
    r->page_end = page->next_seq;
    r->news = r->news || page->at_end == 0;
    if (page->removed != 0)
        relay_log(r, HF_LOG_WARN, "retention has removed events that were not posted", NULL);
}

static void on_page(hf_req *req, const hf_completion *done)
{
    relay *r = req->data;
    r->busy = false;
    if (done->status == 0) {
        take_page(r, done->result);
    } else {
        r->news = true;
        relay_refused(r, done);
    }
    relay_turn(r);
}

static void read_page(relay *r)
{
    hf_events_read_args args;
    hf_events_read_init(&args);
    args.after_seq = r->position;
    args.limit = RELAY_PAGE;
    r->busy = hf_events_read(relay_engine(r), &r->step, &args, on_page) == 0;
    if (r->busy)
        r->news = false;
    else
        relay_ask_again(r);
}

/* The subscription only wakes the relays up: each of them reads its events itself. */
static void on_news(void *data, int status, const hf_event_page *page)
{
    relays *all = data;
    (void)page;
    if (status != 0) {
        all->subscription = NULL;
        return;
    }
    for (relay *r = all->first, *next; r != NULL; r = next) {
        next = r->next;
        r->news = true;
        relay_turn(r);
    }
}

/* ---- Attempts -------------------------------------------------------------------------------- */

void relay_passed(relay *r)
{
    r->position = r->page.rows[r->at++].seq;
    r->attempts = 0;
    r->buries = false;
    mark(r);
}

static bool is_taken(unsigned code)
{
    return code / 100 == 2;
}

/* Whether the end of an attempt says that the endpoint does not work at all. */
static bool is_down(unsigned code)
{
    return code < 400 || code >= 500 || code == 408 || code == 429;
}

static int64_t delay_of(const relay *r, int64_t after_ms)
{
    const settings *s = &r->all->server->settings;
    hf_retry_policy policy;
    uint64_t random;
    int64_t ms = 0;
    hf_retry_policy_init(&policy);
    policy.attempts_max = 0;
    policy.initial_ms = s->endpoint_retry_ms;
    policy.cap_ms = s->endpoint_retry_max_ms > s->endpoint_retry_ms ? s->endpoint_retry_max_ms
                                                                    : s->endpoint_retry_ms;
    randombytes_buf(&random, sizeof(random));
    (void)hf_retry_delay(&policy, r->attempts, random,
                         after_ms < AFTER_MAX_MS ? after_ms : AFTER_MAX_MS, 0, &ms);
    return ms;
}

/* The message at `at` becomes a letter, however often the engine must be asked for it. */
static void bury(relay *r, unsigned code)
{
    r->bury_code = code;
    r->buries = true;
    dead_bury(r);
}

static void failed(relay *r, const outcome *how)
{
    const message *m = &r->page.rows[r->at];
    r->failed++;
    r->attempts++;
    if (how->code == STATUS_GONE) {
        stop(r, "410: nothing more is posted until the settings are read anew", m->id);
    } else if (r->attempts >= (unsigned)r->all->server->settings.endpoint_attempts) {
        bury(r, how->code);
    } else {
        if (r->attempts == 1)
            relay_log(r, HF_LOG_WARN, "a message was not taken; it is sent again", m->id);
        back_off(r, delay_of(r, how->after_ms));
    }
}

void relay_posted(relay *r, const outcome *how)
{
    const bool taken = is_taken(how->code);
    r->busy = false;
    if (taken)
        (void)snprintf(r->last, sizeof(r->last), "HTTP %u", how->code);
    else
        (void)post_reason(how->code, r->last);
    if (r->letter_step != LETTER_WAITS) {
        dead_posted(r, taken);
    } else {
        (void)hf_breaker_report(&r->breaker, now_ms(), r->pass,
                                !taken && is_down(how->code) ? HF_BREAKER_FAILURE
                                                             : HF_BREAKER_SUCCESS);
        r->delivered += taken ? 1 : 0;
        if (taken)
            relay_passed(r);
        else
            failed(r, how);
    }
    relay_turn(r);
}

/* Sends the next message, or waits until the breaker lets it pass. */
static void send_next(relay *r)
{
    const message *m = &r->page.rows[r->at];
    if (r->buries) {
        dead_bury(r);
        return;
    }
    if (m->body == NULL) {
        (void)post_reason(CODE_UNREADABLE, r->last);
        bury(r, CODE_UNREADABLE);
        return;
    }
    if (hf_breaker_allow(&r->breaker, now_ms(), &r->pass) != 1) {
        back_off(r, r->breaker.since_ms + r->breaker.open_for_ms - now_ms());
        return;
    }
    r->busy = post_message(r, m);
    if (!r->busy)
        relay_ask_again(r);
}

/* ---- What is next ---------------------------------------------------------------------------- */

static void free_relay(uv_handle_t *timer)
{
    relay *r = timer->data;
    if (++r->closing < 2)
        return;
    messages_fini(&r->page);
    messages_fini(&r->letter);
    endpoint_fini(&r->to);
    free(r->letters);
    free(r);
}

static void end_relay(relay *r)
{
    relay **link = &r->all->first;
    while (*link != r)
        link = &(*link)->next;
    *link = r->next;
    post_fini(r);
    uv_close((uv_handle_t *)&r->backoff, free_relay);
    uv_close((uv_handle_t *)&r->again, free_relay);
}

/*
 * Stores the position when no message follows whose delivery would store it: a write that the
 * engine refuses is repeated.
 */
static void mark_surely(relay *r)
{
    mark(r);
    if (!r->marking && r->marked != r->position)
        relay_ask_again(r);
}

static void start(relay *r)
{
    if (r->counted)
        read_cursor(r);
    else
        dead_count(r);
}

void relay_turn(relay *r)
{
    if (r->busy || is_running(&r->again) || relay_engine(r) == NULL)
        return;
    if (r->letter_step == LETTER_IS_TAKEN) {
        dead_remove(r);
    } else if (r->gone && !r->marking) {
        end_relay(r);
    } else if (r->gone || r->all->ended || r->state == RELAY_STOPPED) {
        mark_surely(r);
    } else if (r->state == RELAY_STARTING) {
        if (!is_running(&r->backoff) && !r->marking)
            start(r);
    } else if (r->letter_count != 0) {
        dead_send(r);
    } else if (is_running(&r->backoff)) {
        return;
    } else if (r->at < r->page.count) {
        send_next(r);
    } else {
        r->position = r->page_end;
        mark_surely(r);
        if (r->news)
            read_page(r);
    }
}

/* ---- All of them ----------------------------------------------------------------------------- */

static void init_breaker(relay *r)
{
    const settings *s = &r->all->server->settings;
    const int64_t most = s->endpoint_retry_max_ms;
    (void)hf_breaker_init(&r->breaker, BREAKER_FAILURES, s->endpoint_retry_ms,
                          most > s->endpoint_retry_ms ? most : s->endpoint_retry_ms);
}

static void add_relay(relays *all, endpoint *to)
{
    relay *r = take_memory(1, sizeof(*r));
    r->all = all;
    r->to = *to;
    *to = (endpoint){.url = NULL};
    r->step.data = r->mark.data = r;
    (void)uv_timer_init(all->server->loop, &r->backoff);
    (void)uv_timer_init(all->server->loop, &r->again);
    r->backoff.data = r->again.data = r;
    init_breaker(r);
    r->next = all->first;
    all->first = r;
    relay_turn(r);
}

static bool is_starting(const relays *all)
{
    for (const relay *r = all->first; r != NULL; r = r->next)
        if (r->state == RELAY_STARTING)
            return true;
    return false;
}

bool relays_open(relays *all, server *s, endpoints *taken)
{
    *all = (relays){.server = s, .curl = transfers_open(s->loop, post_done)};
    if (all->curl == NULL)
        return false;
    for (size_t i = 0; i < taken->count; i++)
        add_relay(all, &taken->rows[i]);
    endpoints_fini(taken);
    while (is_starting(all))
        (void)uv_run(s->loop, UV_RUN_ONCE);
    return hf_events_subscribe(s->engine, s->event_seq, on_news, all, &all->subscription) == 0;
}

static endpoint *find_endpoint(const endpoints *in, const char *name)
{
    for (size_t i = 0; i < in->count; i++)
        if (in->rows[i].url != NULL && strcmp(in->rows[i].name, name) == 0)
            return &in->rows[i];
    return NULL;
}

/*
 * Updates a running relay to its line of the file. Messages that were read already do not change.
 */
static void update_relay(relay *r, endpoint *to)
{
    endpoint_fini(&r->to);
    r->to = *to;
    *to = (endpoint){.url = NULL};
    init_breaker(r);
    if (r->state == RELAY_STOPPED)
        r->state = RELAY_STARTING;
    (void)uv_timer_stop(&r->backoff);
    (void)uv_timer_stop(&r->again);
}

void relays_reload(relays *all, endpoints *taken)
{
    for (relay *r = all->first, *next; r != NULL; r = next) {
        next = r->next;
        endpoint *to = r->gone ? NULL : find_endpoint(taken, r->to.name);
        if (to != NULL)
            update_relay(r, to);
        r->gone = r->gone || to == NULL;
        relay_turn(r);
    }
    for (size_t i = 0; i < taken->count; i++)
        if (taken->rows[i].url != NULL)
            add_relay(all, &taken->rows[i]);
    endpoints_fini(taken);
}

void relays_end(relays *all)
{
    all->ended = true;
    for (relay *r = all->first; r != NULL; r = r->next)
        mark(r);
}

bool relays_idle(const relays *all)
{
    for (const relay *r = all->first; r != NULL; r = r->next)
        if (r->busy || r->marking || r->letter_step == LETTER_IS_TAKEN ||
            (r->state != RELAY_STARTING && r->marked != r->position))
            return false;
    return true;
}

void relays_close(relays *all)
{
    while (all->first != NULL)
        end_relay(all->first);
    transfers_close(all->curl);
    all->curl = NULL;
}

bool relay_at(const relays *all, size_t index, relay_figures *out)
{
    hf_health_info health = {.size = sizeof(health)};
    const relay *r = all->first;
    for (; r != NULL && index != 0; index--)
        r = r->next;
    if (r == NULL)
        return false;
    static const char *const states[] = {"STARTING", "ACTIVE", "STOPPED"};
    const bool waits = r->state == RELAY_ACTIVE && is_running(&r->backoff);
    (void)hf_health(all->server->engine, &health);
    *out = (relay_figures){.name = r->to.name,
                           .state = waits ? "WAITING" : states[r->state],
                           .last = r->last,
                           .position = r->position,
                           .delivered = r->delivered,
                           .failed = r->failed,
                           .buried = r->buried,
                           .dead = r->dead,
                           .attempts = r->attempts,
                           .stopped = r->state == RELAY_STOPPED ? 1 : 0};
    out->lag = health.event_seq > r->position ? health.event_seq - r->position : 0;
    return true;
}
