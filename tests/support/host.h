/*
 * A host program for tests: a loop, an engine, and requests that note how they ended.
 */
#ifndef HF_TESTS_SUPPORT_HOST_H
#define HF_TESTS_SUPPORT_HOST_H

#include "support/gate.h"

#include <check.h>
#include <holdfast.h>
#include <stdio.h>
#include <string.h>

typedef struct hf_test_host {
    struct uv_loop_s *loop;
    hf_engine *engine;
    hf_options options;
    char error[480];
    int closed; /* the close callback's calls */
    int close_status;
    char close_detail[480];
    int has_bug; /* 1: put into the library by the test */
} hf_test_host;

/* A request and its end. */
typedef struct hf_test_call {
    hf_req req;
    int calls;
    int status;
    uint64_t order;  /* of all callbacks of the program, from 1 */
    int64_t balance; /* of an account that was the result */
    void (*then)(struct hf_test_call *call);
} hf_test_call;

extern uint64_t hf_test_last; /* callbacks so far */

/* Small, over the gated memory store. `threads` 0 or 1. */
static inline void hf_test_options(hf_test_host *host, uint32_t threads)
{
    memset(host, 0, sizeof *host);
    hf_options_init(&host->options);
    host->options.driver = hf_gate_store();
    host->options.threads = threads;
    host->options.queue_bytes_max = 1 << 20;
    host->options.batch_bytes_max = 4 << 20;
    host->options.cache_bytes_max = 1 << 20;
    host->options.queue_ops_max = 256;
    host->options.completions_max = 256;
    host->options.error = host->error;
    host->options.error_bytes = sizeof host->error;
}

static inline void hf_test_open(hf_test_host *host)
{
    if (host->loop == NULL)
        ck_assert_int_eq(hf_loop_create(&host->loop), 0);
    int error = hf_engine_open(host->loop, &host->options, &host->engine);
    ck_assert_msg(error == 0, "%s: %s", hf_error_name(error), host->error);
}

static inline void hf_test_start(hf_test_host *host, uint32_t threads)
{
    hf_test_options(host, threads);
    hf_test_open(host);
}

static inline void hf_test_closed(void *data, int status, const char *detail)
{
    hf_test_host *host = data;
    host->closed++;
    host->close_status = status;
    (void)snprintf(host->close_detail, sizeof host->close_detail, "%s", detail);
}

/* Runs the loop until `*counter` reaches `least`. */
static inline void hf_test_run(hf_test_host *host, const int *counter, int least)
{
    while (*counter < least)
        (void)hf_loop_run_once(host->loop, 1);
}

static inline void hf_test_turn(hf_test_host *host, int times)
{
    for (int i = 0; i < times; i++)
        (void)hf_loop_run_once(host->loop, 0);
}

static inline void hf_test_stop(hf_test_host *host)
{
    hf_health_info health = {.size = sizeof health};
    if (hf_health(host->engine, &health) == 0) /* else it is closing */
        ck_assert(host->has_bug != 0 || health.invariants == 0);
    if (host->closed == 0)
        ck_assert_int_eq(hf_engine_close(host->engine, hf_test_closed, host), 0);
    hf_test_run(host, &host->closed, 1);
    ck_assert_int_eq(host->closed, 1);
    ck_assert_int_eq(hf_loop_destroy(host->loop), 0);
}

static inline void hf_test_done(hf_req *req, const hf_completion *done)
{
    hf_test_call *call = (hf_test_call *)(void *)req;
    call->calls++;
    call->status = done->status;
    call->order = ++hf_test_last;
    bool account = done->type >= HF_OP_ITEM_PUT && done->type <= HF_OP_ACCOUNT_GET &&
                   done->type != HF_OP_ITEM_LIST;
    if (done->status == 0 && account)
        call->balance = ((const hf_account *)done->result)->balance;
    if (call->then != NULL)
        call->then(call);
}

/* The item "bell": opens it, receives into it, reads it. All return what the call returns. */
static inline int hf_test_put(hf_test_host *host, hf_test_call *call)
{
    hf_account_put_args args;
    hf_item_put_init(&args, "bell");
    return hf_item_put(host->engine, &call->req, &args, hf_test_done);
}

static inline int hf_test_receive(hf_test_host *host, hf_test_call *call, int64_t quantity)
{
    hf_move_args args;
    hf_item_receive_init(&args, "bell", quantity);
    return hf_item_receive(host->engine, &call->req, &args, hf_test_done);
}

static inline int hf_test_get(hf_test_host *host, hf_test_call *call)
{
    hf_account_get_args args;
    hf_item_get_init(&args, "bell");
    return hf_item_get(host->engine, &call->req, &args, hf_test_done);
}

/* Opens the item and waits for it. */
static inline void hf_test_stock(hf_test_host *host)
{
    hf_test_call call = {.calls = 0};
    ck_assert_int_eq(hf_test_put(host, &call), 0);
    hf_test_run(host, &call.calls, 1);
    ck_assert_int_eq(call.status, 0);
}

static inline hf_health_info hf_test_health(hf_test_host *host)
{
    hf_health_info info = {.size = sizeof info};
    ck_assert_int_eq(hf_health(host->engine, &info), 0);
    return info;
}

#define HF_TEST_QUEUE_OPS 4096u
#define HF_TEST_QUEUE_MS  INT64_C(1800000000000) /* its virtual clock begins here */

/* Opens an engine whose queue a test can fill, under a virtual clock, with stock enough. */
static inline void hf_test_open_queue(hf_test_host *host, uint32_t threads, uint32_t admission,
                                      uint32_t completions)
{
    hf_test_call call = {.calls = 0};
    hf_test_options(host, threads);
    host->options.queue_ops_max = HF_TEST_QUEUE_OPS;
    host->options.queue_bytes_max = 16 << 20;
    host->options.batch_bytes_max = 64 << 20;
    host->options.completions_max = completions;
    host->options.virtual_time_ms = HF_TEST_QUEUE_MS;
    host->options.admission = admission;
    hf_test_open(host);
    hf_test_stock(host);
    ck_assert_int_eq(hf_test_receive(host, &call, INT64_C(1) << 40), 0);
    hf_test_run(host, &call.calls, 1);
}

#endif
