/*
 * loop.h - what the api needs of an open engine: the handle behind the pointer, capacity in the
 * batch that is being filled, and acceptance.
 *
 *     enter -> admit (capacity in the filling batch) -> the api copies into it -> accept
 *
 * Between admit and accept nothing has happened yet: the api may abandon the operation by resetting
 * the arena.
 */
#ifndef HF_LOOP_LOOP_H
#define HF_LOOP_LOOP_H

#include "base/text.h"
#include "engine/engine.h"
#include "txn/runtime.h"

typedef struct hf__host hf__host;

/* How an operation is answered: by a request's callback, or (req NULL) by the completion queue. */
typedef struct hf__route {
    hf_req *req;
    hf_done_cb cb;
    uint64_t user_data;
} hf__route;

/*
 * The engine behind a handle, its detail emptied. HF_E_CLOSED, HF_E_FORKED, HF_E_THREAD.
 * enter_open also refuses an engine that is closing.
 */
int hf__host_enter(hf_engine *handle, hf__host **out);
int hf__host_enter_open(hf_engine *handle, hf__host **out);

/*
 * The same from any thread. What is behind the handle lives until hf__guest_leave, which must come
 * soon. HF_E_CLOSED, HF_E_FORKED.
 */
int hf__guest_enter(hf_engine *handle, hf__host **out);
void hf__guest_leave(hf_engine *handle);

/* The text of hf_engine_detail. */
hf__detail *hf__host_detail(hf__host *host);

/* hf_options.refuse_card_numbers. */
bool hf__host_refuses_card_numbers(const hf__host *host);

/* True while a request is pinned; the beginning and the end of that. */
bool hf__req_busy(const hf_req *req);
void hf__req_pin(hf_req *req);
void hf__req_free(hf_req *req);

/* Operations that are submitted together, before a batch has them. */
typedef struct hf__submission {
    uint32_t count;
    bool read;
    bool begins; /* new work: half of the capacity is left to what continues or ends other work */
    bool queued; /* the completions go to the completion queue */
} hf__submission;

hf__submission hf__submission_of(const hf_op *ops, uint32_t count, bool queued);

/*
 * Whether `count` more fit where `used` of `capacity` are used or reserved. New work that needs
 * more than its share fits where nothing is used.
 */
static inline bool hf__share_fits(uint64_t used, uint64_t count, uint64_t capacity, bool begins)
{
    uint64_t share = begins ? capacity - capacity / 2 : capacity;
    return used + count <= (used == 0 ? capacity : share);
}

/*
 * The batch being filled, when it has capacity for the operations. HF_E_CLOSED, HF_E_DEGRADED,
 * HF_E_POISONED (writes), HF_E_OVERLOADED, HF_E_TOO_MANY (never fits).
 */
int hf__host_admit(hf__host *host, const hf__submission *entry, hf__batch **out);

/*
 * The error for arguments that do not fit behind those that `batch` has: HF_E_OVERLOADED, or
 * HF_E_TOO_MANY when they do not fit an empty batch either.
 */
int hf__host_full(hf__host *host, const hf__batch *batch, size_t mark);

/*
 * One of `count` checked operations that stand together was refused with HF_E_OVERLOADED: notes
 * what all of them need, for hf_admission_wait. HF_E_OVERLOADED, or HF_E_TOO_MANY when txns_max
 * never has capacity for them.
 */
int hf__host_refused(hf__host *host, const hf_op *ops, uint32_t count);

/* Operations of other threads, and what their arguments are copied into. */
typedef struct hf__intake_buffer {
    hf_op *ops;          /* arguments are in `args` */
    int64_t *arrived_ns; /* when each was put in */
    uint32_t count;
    uint32_t next; /* the first one that was not passed on */
    hf__arena args;
} hf__intake_buffer;

/* Passes operations that stand together on to a batch; runs on the loop's thread. */
typedef int (*hf__intake_put)(hf__host *host, const hf_op *ops, uint32_t count);

/*
 * intake.c, on any thread. begin takes the lock of the intake and finds a buffer with capacity for
 * `count` operations that stand together behind buffer->count; HF_E_CLOSED, HF_E_TOO_MANY,
 * HF_E_OVERLOADED without the lock. end accepts `count` of them, to be passed on by `put`, and
 * unlocks. full is the error for arguments that do not fit.
 */
int hf__intake_begin(hf__host *host, const hf__submission *entry, hf__intake_buffer **out,
                     hf__detail *detail);
int hf__intake_full(const hf__intake_buffer *buffer, const hf__submission *entry,
                    hf__detail *detail);

/* Counts a call that was answered HF_E_OVERLOADED. Any thread. */
void hf__intake_refused(hf__host *host, const hf__submission *entry);
void hf__intake_end(hf__host *host, uint32_t count, hf__intake_put put);

/*
 * Counts what a task, filled in but not accepted, will ask of the coordinator: HF_E_OVERLOADED when
 * it has no capacity, HF_E_DRAINING when it accepts no new transaction. unreserve releases it when
 * the task is not accepted after all.
 */
int hf__host_reserve(hf__host *host, const hf__task *task);
void hf__host_unreserve(hf__host *host, const hf__task *task);

/*
 * run.c: for calls that run the loop from outside. enter is hf__host_enter, and HF_E_NESTED in a
 * callback. until returns when *ended, or when the engine has closed.
 */
int hf__run_enter(hf_engine *handle, hf__host **out);
void hf__run_until(hf_engine *handle, const bool *ended);

/*
 * The engine's own request, for one operation at a time: its callback, take, fills *out and sets
 * *ended. expect releases what the previous answer points to; seen: the caller of the operation has
 * its answer back. refused is the text of a refusal at once, which lives as long as an answer.
 */
hf_req *hf__answer_expect(hf__host *host, hf_completion *out, bool *ended);
void hf__answer_take(hf_req *req, const hf_completion *done);
void hf__answer_seen(hf_engine *handle);
const char *hf__answer_refused(hf__host *host);

/* The coordinator of the engine. */
hf__runtime *hf__host_runtime(hf__host *host);

/* The task of the batch that is `ahead` tasks behind the accepted ones; its operation is zeroed. */
hf__task *hf__host_task(hf__batch *batch, uint32_t ahead, const hf__route *route);

/*
 * The result of a checked read, if the read cache has it and it is current. HF_E_NOT_CACHED. The
 * result is valid until the next iteration of the loop.
 */
int hf__host_peek(hf__host *host, const hf_op *op, const void **result, int64_t *age_ms);

/* The same of several orders, see hf__engine_peek_orders. */
int hf__host_peek_orders(hf__host *host, const hf_id *orders, uint32_t count,
                         const hf_order_view **results, int64_t *ages_ms);

/* Accepts `count` tasks that were filled in; their request, if any, is pinned from here on. */
void hf__host_accept(hf__host *host, hf__batch *batch, bool read, uint32_t count);

/* A new id, greater than all before. */
void hf__host_id(hf__host *host, hf_id *out);

/*
 * A store by its URL ("lmdb:PATH"); *location is what follows the colon. HF_E_URL,
 * HF_E_UNSUPPORTED (known, not built in).
 */
int hf__url_split(const char *url, const hf_store_driver **driver, const char **location,
                  hf__detail *detail);

#endif
