/*
 * transfers.c - libcurl's multi interface on a libuv loop.
 *
 * curl names the sockets that it waits for and the time at which it wants to be called; each socket
 * has a poll handle of the loop, and all of them share one timer.
 */
#include "transfers.h"

#include <stdlib.h>

/* A socket that curl wants watched. */
typedef struct watched {
    uv_poll_t poll; /* first: closing frees it */
    transfers *owner;
    curl_socket_t socket;
} watched;

struct transfers {
    CURLM *multi;
    uv_timer_t timer;
    transfers_done done;
};

static void take_finished(const transfers *t)
{
    int left;
    CURLMsg *message;
    while ((message = curl_multi_info_read(t->multi, &left)) != NULL) {
        if (message->msg != CURLMSG_DONE)
            continue;
        CURL *easy = message->easy_handle;
        const CURLcode result = message->data.result; /* the message ends with the next call */
        (void)curl_multi_remove_handle(t->multi, easy);
        t->done(easy, result);
    }
}

static void on_timer(uv_timer_t *timer)
{
    const transfers *t = timer->data;
    int running;
    (void)curl_multi_socket_action(t->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    take_finished(t);
}

static int set_timer(CURLM *multi, long ms, void *data)
{
    transfers *t = data;
    (void)multi;
    if (ms < 0)
        (void)uv_timer_stop(&t->timer);
    else
        (void)uv_timer_start(&t->timer, on_timer, (uint64_t)ms, 0);
    return 0;
}

static void on_socket(uv_poll_t *poll, int status, int events)
{
    const watched *w = poll->data;
    const transfers *t = w->owner;
    int action = status < 0 ? CURL_CSELECT_ERR : 0;
    action |= (events & UV_READABLE) != 0 ? CURL_CSELECT_IN : 0;
    action |= (events & UV_WRITABLE) != 0 ? CURL_CSELECT_OUT : 0;
    int running;
    (void)curl_multi_socket_action(t->multi, w->socket, action, &running);
    take_finished(t);
}

static void free_watched(uv_handle_t *poll)
{
    free(poll->data);
}

static watched *watch_new(transfers *t, curl_socket_t socket)
{
    watched *w = calloc(1, sizeof(*w));
    if (w == NULL || uv_poll_init_socket(t->timer.loop, &w->poll, socket) != 0) {
        free(w);
        return NULL;
    }
    w->poll.data = w;
    w->owner = t;
    w->socket = socket;
    (void)curl_multi_assign(t->multi, socket, w);
    return w;
}

static int watch(CURL *easy, curl_socket_t socket, int what, void *data, void *given)
{
    watched *w = given;
    (void)easy;
    if (what == CURL_POLL_REMOVE) {
        if (w != NULL)
            uv_close((uv_handle_t *)&w->poll, free_watched);
        return 0;
    }
    if (w == NULL)
        w = watch_new(data, socket);
    if (w == NULL)
        return -1;
    int events = (what & CURL_POLL_IN) != 0 ? UV_READABLE : 0;
    events |= (what & CURL_POLL_OUT) != 0 ? UV_WRITABLE : 0;
    return uv_poll_start(&w->poll, events, on_socket);
}

transfers *transfers_open(uv_loop_t *loop, transfers_done done)
{
    transfers *t = calloc(1, sizeof(*t));
    if (t == NULL)
        return NULL;
    t->multi = curl_multi_init();
    if (t->multi == NULL) {
        free(t);
        return NULL;
    }
    t->done = done;
    (void)uv_timer_init(loop, &t->timer);
    t->timer.data = t;
    (void)curl_multi_setopt(t->multi, CURLMOPT_SOCKETFUNCTION, watch);
    (void)curl_multi_setopt(t->multi, CURLMOPT_SOCKETDATA, t);
    (void)curl_multi_setopt(t->multi, CURLMOPT_TIMERFUNCTION, set_timer);
    (void)curl_multi_setopt(t->multi, CURLMOPT_TIMERDATA, t);
    return t;
}

CURLMcode transfers_add(transfers *t, CURL *easy)
{
    return curl_multi_add_handle(t->multi, easy);
}

void transfers_remove(transfers *t, CURL *easy)
{
    (void)curl_multi_remove_handle(t->multi, easy);
}

static void free_transfers(uv_handle_t *timer)
{
    free(timer->data);
}

void transfers_close(transfers *t)
{
    if (t == NULL)
        return;
    (void)curl_multi_cleanup(t->multi);
    uv_close((uv_handle_t *)&t->timer, free_transfers);
}
