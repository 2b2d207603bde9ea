/*
 * peek.h - reads records from the read cache at once, without a callback.
 *
 *     const hf_order_view *order;
 *     hf_order_get_args args;
 *     hf_order_get_init(&args, &id);
 *     int error = hf_order_peek(engine, &args, &order, NULL);
 *     if (error == HF_E_NOT_CACHED)
 *         error = hf_order_get(engine, &req, &args, on_order);
 *
 * A record is cached after a get function has read it, an order also after an operation whose
 * result it was. Then each commit brings it up to date, until it is evicted
 * (hf_options.read_cache_bytes_max). A deadline that passes and a promotion remove the order that
 * they change from the cache; the next read of the order caches it again.
 *
 * WHAT A PEEK SHOWS. A peek shows every batch whose callbacks have begun, and nothing that is not
 * durable. So a peek in a callback shows what that operation did, together with the whole batch
 * that it was committed in; it never shows less than an earlier callback did. An operation that
 * failed or was refused leaves no trace. On a store that several engines share, `age_ms` is how
 * long ago the record was read, at most hf_options.peek_age_max_ms; another engine may have changed
 * it since. On every other store `age_ms` is 0.
 *
 * HOW LONG IT LIVES. *out and everything that it points to lie in the cache. They are valid until
 * the callback in which the peek was called returns; outside of callbacks of the library, until the
 * loop runs, hf_run is called or the engine is closed. Other functions of the library leave them as
 * they are.
 *
 * ERRORS, at once; then *out is NULL. HF_E_NOT_CACHED: the record is not cached, or
 * there is none, or what hf_clock_advance made due has not run yet, or hf_health says POISONED; ask
 * with the get function. HF_E_ARGUMENT: `out` is NULL. HF_E_CLOSED, HF_E_FORKED, HF_E_THREAD, and
 * misuse of the arguments as the get function returns it. hf_engine_detail has no text for
 * HF_E_NOT_CACHED. A peek allocates nothing and waits for nothing.
 */
#ifndef HOLDFAST_PEEK_H
#define HOLDFAST_PEEK_H

#include <holdfast/account.h>
#include <holdfast/order.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Looks at an account; `age_ms` may be NULL. See the top of this file for errors and lifetime.
 * Thread: loop. Since 0.1.
 */
HF_API int hf_account_peek(hf_engine *engine, const hf_account_get_args *args,
                           const hf_account **out, int64_t *age_ms);

/*
 * Looks at an item; `age_ms` may be NULL. Key kind must be ITEM, else HF_E_ENUM. See the top of
 * this file for errors and lifetime.
 * Thread: loop. Since 0.1.
 */
HF_API int hf_item_peek(hf_engine *engine, const hf_account_get_args *args, const hf_account **out,
                        int64_t *age_ms);

/*
 * Looks at an order with its lines, legs, adjustments and payments; `age_ms` may be NULL. See the
 * top of this file for errors and lifetime.
 * Thread: loop. Since 0.1.
 */
HF_API int hf_order_peek(hf_engine *engine, const hf_order_get_args *args,
                         const hf_order_view **out, int64_t *age_ms);

/*
 * Looks at `count` orders at once, for those who show a list: out[i] becomes the order whose id is
 * orders[i], and ages_ms[i] its age; `ages_ms` may be NULL. Their memory is fetched side by side,
 * so that each of many orders takes about a quarter of the time of hf_order_peek. All of them are
 * of one state, but on a store that several engines share. Returns 0 when every order is cached,
 * also for `count` 0. HF_E_NOT_CACHED: out[i] is NULL for those that are not cached, and the others
 * are shown. After any other error every out[i] is NULL. HF_E_ARGUMENT: `out` is NULL, or `orders`
 * is and `count` is not 0; HF_E_ID: one of the ids is no id. See the top of this file for the other
 * errors and lifetime.
 * Thread: loop. Since 0.1.
 */
HF_API int hf_orders_peek(hf_engine *engine, const hf_id *orders, uint32_t count,
                          const hf_order_view **out, int64_t *ages_ms);

#ifdef __cplusplus
}
#endif

#endif
