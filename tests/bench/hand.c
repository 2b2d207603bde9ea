/*
 * hand.c - the entries of one checkout, taken as the difference that it makes to a filled store.
 */
#include "hand.h"
#include <stdio.h>
#include <string.h>

/* What differs between two checkouts. */
enum { ORDER, PAYMENT, SKU_A, SKU_B, WALLET, SEQ };

#define FAR 1000000u /* behind what holdfast wrote: event numbers of one length */

static void parts_of(replay_parts *all, const bench_template *one)
{
    replay_set(all, ORDER, one->order.bytes, 16);
    replay_set(all, PAYMENT, one->payment.bytes, 16);
    replay_set(all, SKU_A, one->skus[0], BENCH_NAME_BYTES);
    replay_set(all, SKU_B, one->skus[1], BENCH_NAME_BYTES);
    replay_set(all, WALLET, one->wallet, BENCH_NAME_BYTES);
    replay_set_seq(all, SEQ, one->seq);
}

static int take(hand *h, const char *path, const char *old_path, bench_template *one)
{
    replay_store without = {.env = NULL};
    char url[600];
    (void)snprintf(url, sizeof(url), "lmdb:%s", path);
    int error = bench_fill(url);
    if (error == 0)
        error = replay_copy(path, old_path);
    if (error == 0)
        error = bench_place_one(url, one);
    if (error == 0)
        error = replay_open(&h->store, path);
    if (error == 0)
        error = replay_open(&without, old_path);
    if (error == 0)
        error = replay_capture(&h->checkout, &h->store, &without, "");
    replay_close(&without);
    return error;
}

int hand_open(hand *h, const bench_case *c)
{
    char path[512];
    char old_path[512];
    bench_template one;
    memset(h, 0, sizeof(*h));
    h->choice.hot = c->hot;
    if (bench_path(path, c->folder, "with") != 0 || bench_path(old_path, c->folder, "old") != 0)
        return -1;
    int error = take(h, path, old_path, &one);
    if (error != 0)
        return error;
    parts_of(&h->now, &one);
    replay_find(&h->checkout, &h->now);
    h->number = one.seq + FAR;
    return 0;
}

void hand_close(hand *h)
{
    replay_close(&h->store);
}

void hand_next(hand *h)
{
    uint32_t items[2];
    uint32_t wallet;
    bench_choose(&h->choice, items, &wallet);
    bench_name((char *)h->now.bytes[SKU_A], "item", items[0]);
    bench_name((char *)h->now.bytes[SKU_B], "item", items[1]);
    bench_name((char *)h->now.bytes[WALLET], "user", wallet);
    replay_set_number(&h->now, ORDER, h->number);
    replay_set_number(&h->now, PAYMENT, h->number);
    replay_set_seq(&h->now, SEQ, h->number);
    h->number++;
}
