/*
 * subscribe.c - live events: a chain of ordinary reads, one page after the other.
 *
 * Happy path: a page is read and delivered; while there is more, the next is read at once; at the
 * end the subscription is idle until the engine has written a further event. Reads are delivered
 * after the callbacks of what they see, so events come after the callbacks of their operations.
 *
 * Failure modes: a full request queue of reads delays a page to the next iteration; a read error is
 * reported once and ends the subscription; a close reports HF_E_CANCELLED.
 */
#include "loop/host.h"

struct hf_subscription {
    hf_req req;
    hf_events_read_args args;
    hf_name actor;
    hf__host *host;
    hf_events_cb cb;
    void *data;
    uint64_t seen; /* the engine's last event when the page was asked for */
    bool idle;     /* everything up to `seen` has been delivered */
    bool ended;    /* by the host; memory is freed when nothing uses it any more */
    bool calling;  /* its callback is running */
    hf_subscription *next;
};

static uint64_t last_event(const hf__host *host)
{
    hf_health_info info = {.size = sizeof info};
    hf__engine_health(host->engine, &info);
    return info.event_seq;
}

static void forget(hf_subscription *subscription)
{
    hf__host *host = subscription->host;
    hf_subscription **at = &host->subscriptions;
    while (*at != NULL && *at != subscription)
        at = &(*at)->next;
    if (*at != NULL)
        *at = subscription->next;
    hf__free(&host->env, subscription);
}

static void call(hf_subscription *subscription, int status, const hf_event_page *page)
{
    subscription->calling = true;
    subscription->cb(subscription->data, status, page);
    subscription->calling = false;
}

static void on_page(hf_req *req, const hf_completion *done)
{
    hf_subscription *subscription = req->data;
    const hf_event_page *page = done->result;
    if (!subscription->ended && done->status != 0) {
        (void)hf__refuse(&subscription->host->detail, done->status, "%s", done->detail);
        call(subscription, done->status, NULL);
        subscription->ended = true;
    } else if (!subscription->ended) {
        subscription->args.after_seq = page->next_seq;
        subscription->idle = page->at_end != 0;
        subscription->host->figures.events += page->count;
        if (page->count != 0 || page->removed != 0)
            call(subscription, 0, page);
    }
    if (subscription->ended)
        forget(subscription);
}

/* Reads the next page; when the request queue is full, the next iteration tries again. */
static void ask(hf_subscription *subscription)
{
    hf__host *host = subscription->host;
    hf__batch *batch;
    hf_events_read_args *args = NULL;
    if (hf__host_admit(host, &(hf__submission){.count = 1, .read = true}, &batch) == 0) {
        args = hf__arena_copy(&batch->args, &subscription->args, sizeof subscription->args);
    }
    if (args == NULL)
        return;
    hf__task *task =
        hf__host_task(batch, 0, &(hf__route){.req = &subscription->req, .cb = on_page});
    task->op.type = HF_OP_EVENTS_READ;
    task->op.args = &args->head;
    subscription->seen = last_event(host);
    hf__host_accept(host, batch, true, 1);
}

void hf__subscriptions_pump(hf__host *host)
{
    if (host->subscriptions == NULL)
        return;
    uint64_t last = last_event(host);
    for (hf_subscription *at = host->subscriptions; at != NULL; at = at->next) {
        bool has_news = !at->idle || last > at->seen;
        if (!at->ended && has_news && !hf__req_busy(&at->req))
            ask(at);
    }
}

const hf_subscription *hf__subscription_next(const hf_subscription *subscription)
{
    return subscription->next;
}

uint64_t hf__subscription_position(const hf_subscription *subscription)
{
    return subscription->args.after_seq;
}

/* Subscriptions whose read was cancelled have been reported; this is for the others. */
void hf__subscriptions_end(hf__host *host)
{
    while (host->subscriptions != NULL) {
        hf_subscription *first = host->subscriptions;
        if (!first->ended)
            call(first, HF_E_CANCELLED, NULL);
        forget(first);
    }
}

int hf_events_subscribe(hf_engine *engine, uint64_t after_seq, hf_events_cb cb, void *data,
                        hf_subscription **out)
{
    hf__host *host;
    int error = hf__host_enter_open(engine, &host);
    if (error != 0)
        return error;
    if (cb == NULL || out == NULL || after_seq > INT64_MAX)
        return hf__refuse(&host->detail, HF_E_ARGUMENT, "%s",
                          after_seq > INT64_MAX ? "after_seq: is above 9223372036854775807"
                                                : "cb or out: is NULL");
    hf_subscription *made = hf__alloc(&host->env, sizeof *made);
    if (made == NULL)
        return HF_E_NOMEM;
    made->req.data = made;
    made->args.head = (hf_op_head){.size = sizeof made->args, .actor = ""};
    made->args.after_seq = after_seq;
    made->args.limit = 256;
    made->host = host;
    made->cb = cb;
    made->data = data;
    made->next = host->subscriptions;
    host->subscriptions = made;
    hf__arm(host);
    *out = made;
    return 0;
}

static bool is_listed(const hf__host *host, const hf_subscription *subscription)
{
    const hf_subscription *at = host->subscriptions;
    while (at != NULL && at != subscription)
        at = at->next;
    return at != NULL;
}

void hf_events_unsubscribe(hf_engine *engine, hf_subscription *subscription)
{
    hf__host *host;
    if (hf__host_enter(engine, &host) != 0 || !is_listed(host, subscription))
        return; /* it has ended by itself */
    subscription->ended = true;
    if (!subscription->calling && !hf__req_busy(&subscription->req))
        forget(subscription);
}
