/*
 * One engine of the program on a store URL, used through the public API: operations that are
 * waited for, and verify, which must find nothing.
 */
#ifndef HF_TESTS_SUPPORT_ONE_SHOP_H
#define HF_TESTS_SUPPORT_ONE_SHOP_H

#include <check.h>
#include <holdfast.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

typedef struct hf_test_shop_state {
    struct uv_loop_s *loop;
    hf_engine *engine;
    char detail[480];
    int ended;
    int status;
    hf_verify_result verified;
    bool has_bug;     /* put there by the test */
    uint32_t threads; /* of the engine; 0 unless the test says otherwise */
    bool uncached;    /* it has no read cache */
} hf_test_shop_state;

extern hf_test_shop_state shop;

static inline int shop_open_durable(const char *url, int64_t virtual_ms, uint32_t check,
                                    uint32_t durability)
{
    hf_options options;
    hf_options_init(&options);
    options.store = url;
    options.threads = shop.threads;
    options.queue_bytes_max = 4 << 20;
    options.batch_bytes_max = 16 << 20;
    options.cache_bytes_max = 1 << 20;
    options.virtual_time_ms = virtual_ms;
    options.durability = durability;
    options.check = check;
    if (shop.uncached)
        options.read_cache_bytes_max = 0;
    options.error = shop.detail;
    options.error_bytes = sizeof shop.detail;
    return hf_engine_open(shop.loop, &options, &shop.engine);
}

/* With a virtual clock nothing waits for the disk. */
static inline int shop_open(const char *url, int64_t virtual_ms, uint32_t check)
{
    return shop_open_durable(url, virtual_ms, check,
                             virtual_ms > 0 ? HF_DURABILITY_NONE : HF_DURABILITY_STORE);
}

static inline void shop_on_close(void *data, int status, const char *detail)
{
    (void)data;
    (void)status;
    (void)detail;
    shop.ended++;
}

static inline void shop_on_verify(void *data, int status, const hf_verify_result *result)
{
    (void)data;
    shop.ended++;
    shop.status = status;
    if (status != 0)
        return;
    shop.verified = *result;
    for (uint32_t i = 0; i < result->finding_count; i++)
        (void)fprintf(stderr, "%s\n", result->findings[i].text);
}

static inline void shop_wait(void)
{
    while (shop.ended == 0)
        (void)hf_loop_run_once(shop.loop, 1);
    shop.ended = 0;
}

/* Unless a test has put a bug into the library, no operation has met one. */
static inline void shop_check_bugs(void)
{
    hf_health_info health = {.size = sizeof health};
    ck_assert_int_eq(hf_health(shop.engine, &health), 0);
    ck_assert(shop.has_bug || health.invariants == 0);
}

static inline void shop_close(void)
{
    shop_check_bugs();
    ck_assert_int_eq(hf_engine_close(shop.engine, shop_on_close, NULL), 0);
    shop_wait();
}

/* Runs an operation: its error, at once or by completion; the detail is kept. */
static inline int shop_run(uint32_t type, const void *args)
{
    const hf_op op = {.type = type, .args = args};
    int error = hf_submit(shop.engine, &op, 1, NULL);
    if (error < 0) {
        (void)snprintf(shop.detail, sizeof shop.detail, "%s", hf_engine_detail(shop.engine));
        return error;
    }
    hf_completion done;
    while ((error = hf_completions(shop.engine, &done, 1)) == 0)
        (void)hf_loop_run_once(shop.loop, 1);
    ck_assert_int_eq(error, 1);
    (void)snprintf(shop.detail, sizeof shop.detail, "%s", done.detail);
    return done.status;
}

/* Verifies; the store must be clean. */
static inline void shop_verify(void)
{
    ck_assert_int_eq(hf_verify(shop.engine, NULL, shop_on_verify, NULL), 0);
    shop_wait();
    ck_assert_int_eq(shop.status, 0);
    ck_assert_uint_eq(shop.verified.findings_total, 0);
}

#endif
