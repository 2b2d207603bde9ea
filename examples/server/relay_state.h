/*
 * relay_state.h - the state of a relay, shared by the files that make one: relay.c reads events and
 * decides what is sent, post.c sends it, dead.c keeps what was not taken.
 */
#ifndef SERVER_RELAY_STATE_H
#define SERVER_RELAY_STATE_H

#include "common/messages.h"
#include "dead.h"
#include "relay.h"

#include <curl/curl.h>

enum {
    RELAY_PAGE = 64,      /* events that are read at once */
    CODE_UNREADABLE = 999 /* the event does not decode */
};

typedef enum relay_state { RELAY_STARTING, RELAY_ACTIVE, RELAY_STOPPED } relay_state;

/* The state of the first letter that is to be sent again. */
typedef enum letter_step {
    LETTER_WAITS,
    LETTER_IS_SENT, /* its event is read, or it is on its way to the endpoint */
    LETTER_IS_TAKEN /* by the endpoint: what remains is to remove its cursor */
} letter_step;

/* How an attempt ended. */
typedef struct outcome {
    unsigned code;    /* the HTTP status; below 100: the CURLcode, when there was none */
    int64_t after_ms; /* what Retry-After asks for; 0: nothing */
} outcome;

struct relay {
    relay *next;
    relays *all;
    endpoint to;
    relay_state state;
    bool gone;    /* its line was removed: it ends when nothing is under way */
    bool busy;    /* a request of `step` or a transfer is under way */
    bool marking; /* a request of `mark` is under way */
    bool news;    /* there may be events behind the last page */
    bool counted; /* `dead` has the letters that were there at the start */
    hf_req step, mark;
    uv_timer_t backoff; /* active: the next attempt of a message waits */
    uv_timer_t again;   /* active: the engine has refused a request, and is asked again then */
    unsigned closing;   /* of the two timers, when the relay ends */

    uint64_t position; /* events up to this one are delivered, dead or not subscribed to */
    uint64_t marked;   /* what the store has of it */
    uint64_t marking_to;
    messages page; /* messages of the events up to page_end that the endpoint subscribes to */
    uint32_t at;   /* of the next one */
    uint64_t page_end;
    char store[37]; /* the id of the store */

    unsigned attempts;  /* of the next one */
    bool buries;        /* it becomes a letter */
    unsigned bury_code; /* how its last attempt ended then */
    hf_breaker breaker;
    uint64_t pass;
    char last[80]; /* how the last attempt ended */
    uint64_t delivered, failed, buried, dead;

    CURL *easy;
    struct curl_slist *headers;
    size_t answered; /* bytes of the answer's body */

    dead_letter *letters; /* to be sent again, as an operator asked */
    size_t letter_count, letter_capacity;
    messages letter;         /* the first of them */
    letter_step letter_step; /* of that one */
};

/* The engine; NULL: nothing can be asked of it any more. */
hf_engine *relay_engine(const relay *r);

/* Continues with what is next. */
void relay_turn(relay *r);

/* The engine refused a request: the relay waits for a moment, and then continues. */
void relay_ask_again(relay *r);

/* A request of the engine has failed: it is repeated after a moment, or the relay stops. */
void relay_refused(relay *r, const hf_completion *done);

/* The message at `at` of the page has come to its end. */
void relay_passed(relay *r);

/* A line of the log about the endpoint. */
void relay_log(relay *r, uint32_t level, const char *what, const char *message_id);

/* A transfer of post_message has ended. */
void relay_posted(relay *r, const outcome *how);

/* Begins to send a message. False: there is no memory. */
bool post_message(relay *r, const message *m);

/* Ends a transfer that is under way, and frees the handles. */
void post_fini(relay *r);

/* Given to transfers_open. */
void post_done(CURL *easy, CURLcode result);

/* What a code means, for people. */
const char *post_reason(unsigned code, char out[80]);

#endif
