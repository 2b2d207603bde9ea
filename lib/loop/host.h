/*
 * host.h - an open engine as this module sees it; only the files of this module use its fields.
 *
 * There are two request queues, one for writes and one for reads. A request queue has four batch
 * buffers: the loop fills one, the queue's threads run up to two, and one is being delivered. More
 * buffers are allocated when completions that the host has not taken point into some of them. Each
 * buffer has extra capacity for the coordinator's operations, so that a host that fills every batch
 * does not stop its transactions.
 *
 *     filling --thread idle--> running --done--> finished --callbacks--> free
 *                                                    \--queue--> held until taken --> free
 */
#ifndef HF_LOOP_HOST_H
#define HF_LOOP_HOST_H

#include "base/id.h"
#include "base/lock.h"
#include "loop/figures.h"
#include "loop/loop.h"
#include "loop/uv/inside.h"
#include "loop/uv/worker.h"
#include "txn/runtime.h"

#include <holdfast/admission.h>
#include <holdfast/event.h>
#include <holdfast/resilience.h>
#include <stdatomic.h>
#include <uv.h>

#define HF__BATCH_BUFFERS 4u /* of a request queue at open */
#define HF__BATCH_BUFFERS_MAX                                                                      \
    64u /* of a request queue, when completions keep some from being                               \
           used */
#define HF__BATCH_WORKERS 2u
#define HF__NO_WORKER     HF__BATCH_WORKERS
#define HF__PATH_MAX      4096u
#define HF__FINDINGS      64u
#define HF__RESERVE       1024u /* operations of the coordinator in one batch, at most */
#define HF__CALLS         1024u /* calls that wait for hf_completions, at most */

/*
 * Memory of one batch after another. The batch comes first, so that a pointer to a batch is a
 * pointer to its buffer.
 */
typedef struct hf__batch_buffer {
    hf__batch batch;    /* the part of `whole` in use */
    hf__batch whole;    /* all of it; its marks say what completions not yet taken still need */
    hf__arena own;      /* arguments of the coordinator's operations */
    uint32_t own_count; /* of those in `batch` */
    uint32_t pins;      /* completions in the completion queue that point into it */
    uint32_t worker;    /* that runs it; HF__NO_WORKER: none, its results are there already */
    bool busy;          /* filling, running or finished */
    struct hf__batch_buffer *next; /* in the list of those running or finished */
} hf__batch_buffer;

/* A thread of a request queue. */
typedef struct hf__batch_worker {
    hf__worker thread;
    bool busy;
} hf__batch_worker;

/* The capacity of a buffer of a request queue. */
typedef struct hf__request_queue_sizes {
    uint32_t operations; /* of callers */
    uint64_t args_bytes;
    uint64_t work_bytes;
} hf__request_queue_sizes;

typedef struct hf__request_queue {
    hf_env *env;
    hf__request_queue_sizes sizes;
    hf__batch_buffer *buffers[HF__BATCH_BUFFERS_MAX];
    uint32_t buffer_count;
    hf__batch_buffer *filling;  /* NULL: none was free */
    hf__batch_buffer *running;  /* oldest first; they end in this order */
    hf__batch_buffer *finished; /* oldest first */
    uint32_t reserve;           /* operations of the coordinator in one batch, at most */
    hf__batch_worker workers[HF__BATCH_WORKERS];
    uint32_t worker_count;
    uint32_t warm;  /* the worker that ended last: it may not sleep yet */
    uint32_t given; /* tasks of the batch that was given to a worker last */
} hf__request_queue;

/* One completion for hf_completions, and the buffer it points into. */
typedef struct hf__completion_queue_entry {
    hf_completion done;
    hf__batch_buffer *buffer; /* NULL: it points into none */
} hf__completion_queue_entry;

typedef struct hf__completion_queue {
    hf__completion_queue_entry *entries;
    uint64_t mask;
    uint64_t released; /* views before it are dead */
    uint64_t taken;    /* given to the host */
    uint64_t end;      /* delivered */
    uint32_t waiting;  /* accepted and not taken */
    uint32_t waiting_max;
    uint32_t calls; /* of participants, not taken */
    int fd;         /* -1: it was not requested */
} hf__completion_queue;

/* Operations that other threads submit; see intake.c. */
typedef struct hf__intake {
    hf__lock lock; /* protects the buffer being filled, `filling` and `closed` */
    hf__intake_buffer buffers[2];
    uint32_t filling;  /* index of the buffer that threads fill; the loop empties the other one */
    uint32_t ops_max;  /* of one buffer */
    bool closed;       /* nothing is taken in any more */
    atomic_bool woken; /* the loop was woken, and has not seen both buffers empty since */
    atomic_uint_fast64_t overloaded[HF__KINDS]; /* calls refused because a buffer was full */
    bool passing;                               /* an operation is being passed on */
    hf__intake_put put; /* how the loop passes operations on; set with the first of them */
} hf__intake;

typedef enum hf__work_kind {
    HF__WORK_NONE = 0,
    HF__WORK_VERIFY = 1,
    HF__WORK_BACKUP = 2,
} hf__work_kind;

/* Long work on the maintenance thread: one at a time. */
typedef struct hf__maintenance {
    hf__worker thread;
    hf__work_kind kind; /* NONE: idle */
    bool running;       /* given to the thread */
    hf_progress_cb progress;
    hf_verify_cb verified;
    hf_work_cb ended;
    void *data;
    int status;
    hf_verify_result result;
    hf_finding findings[HF__FINDINGS];
    hf_store_error error;
    char path[HF__PATH_MAX];
    atomic_bool cancel;
    atomic_bool moved; /* progress that the loop has not reported yet */
    atomic_uint_fast64_t done;
    atomic_uint_fast64_t total;
} hf__maintenance;

/* When a checkpoint is requested; see idle_checkpoint.c. */
typedef struct hf__idle_checkpoint {
    uv_timer_t timer;
    bool going;       /* the timer runs */
    uint32_t tries;   /* checkpoints that were requested since the last one that succeeded */
    uint64_t seen;    /* batch delivered last when it was started */
    uint64_t started; /* loop time of the first start */
} hf__idle_checkpoint;

/* The operation of hf_run, and what the answer of the last one needs. */
typedef struct hf__answer {
    hf_req req;
    hf_completion *out;       /* the caller's */
    bool *ended;              /* the caller's */
    hf__batch_buffer *buffer; /* that the answer points into; NULL: none */
    hf__detail refused;       /* the text of a refusal at once */
    bool fresh;               /* answered, and the caller has not come back yet */
} hf__answer;

/* How full it was, and how much the refused operation or chain needed. */
typedef struct hf__refusal_note {
    hf__full what;
    uint32_t count; /* operations or transactions that it needed */
    bool begins;    /* it was new work */
    bool by_bytes;  /* its arguments did not fit into `free` bytes */
    size_t free;    /* bytes for arguments that were free; 0 unless by_bytes */
} hf__refusal_note;

/* Operations that are admitted together, and for how many others memory is reserved before them. */
typedef struct hf__admission_request {
    uint64_t reserved;
    uint32_t count;
    bool begins; /* they are new work */
} hf__admission_request;

/* New work that is under way, and how much may be; see limit.c. */
typedef struct hf__limit {
    hf_limiter limiter; /* all of it that batches have */
    hf_gradient gradient;
    bool adaptive;           /* hf_options.admission; else nothing is counted */
    uint32_t own;            /* of limiter.in_flight, submitted on the loop */
    atomic_uint guests;      /* submitted by other threads and not ended, also outside of batches */
    atomic_uint guests_most; /* limiter.max, as other threads see it */
} hf__limit;

/* Requests, linked through their own words, the first one first. */
typedef struct hf__waiting {
    hf_req *first;
    hf_req *last;
} hf__waiting;

/*
 * Operations or transactions that were refused for a capacity and that requests wait to submit:
 * other work than new work, and new work.
 */
typedef uint64_t hf__reserved[HF__FULL_COUNT][2];

/* Requests of hf_admission_wait, and the capacity that is reserved for them; see admission.c. */
typedef struct hf__admission {
    hf__waiting waiting;
    hf__reserved all;         /* for all requests that wait */
    hf__reserved ahead;       /* for those that came before the one that is being called */
    bool calling;             /* requests are being called */
    bool due[HF__FULL_COUNT]; /* requests wait for this, and the intake was served since one was */
} hf__admission;

typedef struct hf__status hf__status;

/* The question how much is free on the disk of the store; see disk.c. */
typedef struct hf__disk {
    uv_work_t work;
    bool asks; /* the pool has the question */
} hf__disk;

struct hf__host {
    hf_env env;
    hf__engine *engine; /* NULL once it is closed */
    hf_engine *handle;
    hf__detail detail;
    hf__id_source ids;
    uint64_t random; /* state of a seeded source of random numbers */
    uint32_t queue_ops_max;
    bool threaded;
    bool is_virtual;

    hf__request_queue writes;
    hf__request_queue reads;
    hf__batch_buffer *delivering; /* whose completions are being delivered */
    hf__runtime *runtime;
    hf__completion_queue queue;
    hf__answer answer;
    hf__maintenance maintenance;
    hf__counts counts;
    hf__figures figures;
    hf__status *status; /* NULL: no file was asked for */
    hf__disk disk;
    uint64_t delivered; /* P: number of the last write batch whose callbacks were called */
    hf_subscription *subscriptions;
    hf__intake intake;
    hf__admission admission;
    hf__limit limit;
    hf__refusal_note admission_note; /* of the last refusal */

    uv_async_t async; /* a thread has something for the loop */
    uv_prepare_t prepare;
    uv_idle_t idle; /* active while something waits to be handed over: the loop must not sleep */
    uv_timer_t timer;
    uv_timer_t calls_timer; /* the coordinator's */
    int64_t calls_due_ms;   /* for which it is set; 0: it is not */
    hf__idle_checkpoint idle_checkpoint;
    uint32_t handles; /* of the above, not yet closed */
    bool armed;       /* something waits to be handed over */
    bool tick;        /* a deadline is due: an empty batch will do */
    bool catching_up; /* a virtual clock was moved on: reads wait for what became due */
    const hf__batch_buffer *ticking; /* of those batches: the one handed over, not yet delivered */
    bool pumping;

    bool closing;
    bool last_look;     /* the host gets one more iteration of the loop to take completions */
    uint64_t look_turn; /* after this one */
    uint64_t turns;     /* of the loop in which there was something to do */
    hf_close_cb close_cb;
    void *close_data;
    hf_store_error left; /* why the closed store does not have every change; code 0: it has */
};

/* handle.c */
int hf__handle_claim(hf__host *host, hf_engine **out); /* HF_E_TOO_MANY */
void hf__handle_release(hf_engine *handle);
int hf__host_find(hf_engine *handle, hf__host **out); /* as enter; the detail is left alone */

/* A result struct of the caller's, which begins with its size. HF_E_ARGUMENT, HF_E_ABI. */
int hf__host_check_out(hf__host *host, const void *out, size_t known);

/* options.c */
int hf__options_check(const hf_options *options, hf__detail *detail);

/* batch_buffer.c */
int hf__request_queue_init(hf__request_queue *requests, hf_env *env,
                           const hf__request_queue_sizes *sizes, uint32_t reserve);
void hf__request_queue_fini(hf__request_queue *requests, hf_env *env);
/* Whether operations fit: their completions, and they. */
bool hf__completion_queue_fits(const hf__completion_queue *queue,
                               const hf__admission_request *request);
bool hf__batch_buffer_fits(const hf__request_queue *requests, const hf__batch_buffer *buffer,
                           const hf__admission_request *request);
hf__batch_buffer *hf__request_queue_filling(
    hf__request_queue *requests); /* a free buffer when none is being filled; NULL */
/* Whether another batch can be filled as soon as the filling one has been given to a worker. */
bool hf__request_queue_has_next(const hf__request_queue *requests);
void hf__batch_buffer_retire(hf__batch_buffer *buffer); /* its callbacks have been called */

/* request_queue.c: passes buffers through the threads of a request queue. */
int hf__request_queue_start(hf__request_queue *requests, hf__host *host, uint32_t workers,
                            void (*run)(void *, void *));
void hf__request_queue_stop(hf__request_queue *requests);        /* nothing runs */
bool hf__request_queue_idle(const hf__request_queue *requests);  /* a worker has nothing to do */
bool hf__request_queue_waits(const hf__request_queue *requests); /* the filling buffer should be
                                                                    given to a worker now */
void hf__request_queue_give(hf__request_queue *requests);        /* gives the filling buffer to
                                                                    an idle worker */
void hf__request_queue_pass(hf__request_queue *requests);        /* finishes it without a worker:
                                                                    its results are there */
void hf__request_queue_collect(hf__request_queue *requests); /* what has ended becomes finished */
hf__batch_buffer *
hf__request_queue_finished(hf__request_queue *requests); /* the oldest finished one, taken out */

/* figures.c */
int64_t hf__figures_now(const hf__host *host);
void hf__figures_open(hf__host *host); /* the engine is open */
void hf__figures_accepted(hf__host *host, hf__task *tasks, uint32_t count);
void hf__figures_completed(hf__host *host, const hf_completion *done, int64_t accepted_ns);
void hf__figures_batch(hf__host *host, const hf__batch *batch); /* before it is delivered */
void hf__figures_sum_up(hf__host *host); /* the operations in flight, up to now */

/* metrics.c */
struct hf__text_writer;
void hf__host_metrics(hf__host *host, hf_metrics_info *out);
void hf__host_write_metrics(hf__host *host, const hf_metrics_info *info,
                            struct hf__text_writer *writer);

/* disk.c: looks at the disk of the store when that is due, on another thread if there is one. */
void hf__disk_ask(hf__host *host);
void hf__disk_cancel(hf__host *host); /* the engine closes */

/*
 * status.c: the file of hf_options.metrics_file. start and stop return the handle of its timer, or
 * NULL when there is no file; stop removes the file.
 */
int hf__status_open(hf__host *host, const hf_options *options);
uv_handle_t *hf__status_start(hf__host *host);
void hf__status_pump(hf__host *host);
bool hf__status_writes(const hf__host *host); /* its thread is not idle */
uv_handle_t *hf__status_stop(hf__host *host);
void hf__status_free(hf__host *host);

/* health.c: operations that wait for a batch. */
uint32_t hf__host_queued(hf__host *host);

/* completion_queue.c */
int hf__completion_queue_init(hf__completion_queue *queue, hf_env *env, uint32_t waiting_max,
                              uint32_t intake_ops);
void hf__completion_queue_fini(hf__completion_queue *queue, hf_env *env);
void hf__completion_queue_push(hf__completion_queue *queue, const hf_completion *done,
                               hf__batch_buffer *buffer);

/* Operations that begin something. All others continue or end what has begun, or are small. */
static inline bool hf__begins(uint32_t type)
{
    return type == HF_OP_ORDER_PLACE || type == HF_OP_HOLD_PLACE || type == HF_OP_TXN_SUBMIT ||
           type == HF_OP_TXN_BEGIN;
}

/* An operation of the coordinator's. */
static inline bool hf__txns_own(const hf__task *task)
{
    return task->owner != NULL && task->call == NULL;
}

/* txns.c: the loop as the coordinator sees it. */
int hf__txns_open(hf__host *host, const hf_options *options);
void hf__txns_schedule(hf__host *host);
void hf__txns_on_timer(uv_timer_t *timer);

/* delivery.c */
void hf__deliver(hf__host *host, hf__batch_buffer *buffer);

/* pump.c: everything the loop has to do for an engine. */
void hf__pump_start(hf__host *host);
void hf__pump(hf__host *host);
void hf__on_async(uv_async_t *async);

/* arm.c */
void hf__arm(hf__host *host); /* let the pump run before the loop sleeps */
/* Nothing is written any more: the engine is to be closed, or was opened to read only. */
bool hf__never_writes(const hf__host *host);

/* hand_over.c: what is submitted becomes batches of idle threads. */
void hf__hand_over(hf__host *host);
bool hf__to_hand_over(const hf__host *host); /* whether something waits for that */
void hf__hand_over_early(hf__host *host, const hf__batch *delivered); /* between its callbacks */

/* open/completions.c: the host has released completions or what they point to. */
void hf__completions_freed(hf__host *host);

/* idle_checkpoint.c: a batch has changed something. */
void hf__idle_checkpoint_note(hf__host *host);

/* intake.c, on the loop's thread */
uint32_t hf__intake_ops(uint32_t queue_ops_max); /* of one buffer */
int hf__intake_init(hf__intake *intake, hf_env *env, uint32_t queue_ops_max, size_t args_bytes);
void hf__intake_fini(hf__intake *intake, hf_env *env);
void hf__intake_pump(hf__host *host);       /* passes on as many operations as fit */
bool hf__intake_busy(const hf__host *host); /* operations wait, or are about to */
uint32_t hf__intake_count(hf__host *host);  /* of operations that wait */
void hf__intake_close(hf__host *host);      /* threads are refused from now on */
void hf__intake_cancel(hf__host *host);     /* completes what waits */

/*
 * limit.c. fits: so much more new work of the loop may be accepted beside what is reserved.
 * accepted: a batch has operations, which were submitted on the loop or have `arrived` before.
 * ended: a batch is about to be delivered; `flushed`: it has changed something.
 */
void hf__limit_open(hf__limit *limit, const hf_options *options);
bool hf__limit_fits(const hf__limit *limit, uint64_t reserved, uint32_t count);
void hf__limit_accepted(hf__limit *limit, hf__task *tasks, uint32_t count, bool arrived);
void hf__limit_ended(hf__limit *limit, const hf__batch *batch, int64_t now_ns, bool flushed);

/* The same for other threads, under the lock of the intake; left: it reaches no batch. */
bool hf__limit_fits_guests(const hf__limit *limit, uint32_t count);
void hf__limit_arrived(hf__limit *limit, const hf_op *ops, uint32_t count);
void hf__limit_left(hf__limit *limit, const hf_op *op);

/* admission.c */
void hf__admission_pump(hf__host *host); /* calls back the requests that can be accepted now */
void hf__admission_end(hf__host *host);  /* the engine closes */
/* How much of a capacity is for requests that wait, and not for what is submitted now. */
uint64_t hf__admission_reserved(const hf__host *host, hf__full what, bool begins);
void hf__admission_passed(hf__host *host);       /* the intake has passed on an operation */
bool hf__admission_is_due(const hf__host *host); /* requests come before the intake now */

/* close.c */
void hf__close_step(hf__host *host);
void hf__host_free(hf__host *host); /* everything but uv handles; after threads ended */

/* maintenance.c */
void hf__maintenance_run(void *host, void *maintenance);
void hf__maintenance_pump(hf__host *host);
void hf__maintenance_cancel(hf__host *host);

/* subscribe.c */
void hf__subscriptions_pump(hf__host *host);
void hf__subscriptions_end(hf__host *host);
const hf_subscription *hf__subscription_next(const hf_subscription *subscription); /* NULL: last */
uint64_t hf__subscription_position(const hf_subscription *subscription); /* last event given */

#endif
