/*
 * hand.h - what the loops by hand share: the entries of an operation, and the next operation's.
 *
 * The entries are taken from an LMDB store that holdfast made: what it has otherwise after each
 * durable step of one order. A loop writes them again with the ids, names and event numbers of the
 * next order.
 */
#ifndef HF_BENCH_HAND_H
#define HF_BENCH_HAND_H

#include "bench.h"
#include "replay_lmdb.h"

typedef struct hand {
    replay_store store; /* filled, with the template's order */
    replay_phase checkout;
    replay_parts now; /* the parts of the order at hand */
    bench_choice choice;
    uint64_t number; /* of the next order and event */
} hand;

/* Makes a filled store in the case's folder and takes the entries; 0, or -1 after saying why. */
int hand_open(hand *h, const bench_case *c);
void hand_close(hand *h);

/* Goes on to the next order. */
void hand_next(hand *h);

#endif
