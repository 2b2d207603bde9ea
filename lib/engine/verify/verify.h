/*
 * verify.h - the clauses of the domain, checked over a snapshot; shared by the files of verify.
 *
 * Each pass walks a table once. Accounts get a sum of their own, made from the events and from
 * what orders, payments and holds still hold; at the end the stored numbers must equal the sums.
 * Counters of lines, payments and holds are folded into one number each with weights that depend
 * on the record (a linear hash), so that folding ten million orders needs no memory.
 */
#ifndef HF_ENGINE_VERIFY_VERIFY_H
#define HF_ENGINE_VERIFY_VERIFY_H

#include "base/structures/map.h"
#include "domain/order/load.h"
#include "engine/reads/query.h"
#include "engine/state.h"

#define HF__FINDINGS_MAX 64
#define HF__SEEN_MAX     8000000u /* records whose state is folded: about 60 bytes of memory each */

/* What an account's numbers should be. */
typedef struct hf__sum {
    hf_account_ref key;
    int64_t balance;  /* bases and moves */
    int64_t held_out; /* open rests that name it */
    int64_t held_in;
    int64_t event_out; /* the same by the events */
    int64_t event_in;
    uint64_t waiting;
    uint32_t found; /* 1: the account has a record */
    uint32_t reserved;
    uint8_t bytes[HF__HOT_KEY_MAX];
} hf__sum;

/* The last state of an order, payment, hold, transaction or branch by its events. */
typedef struct hf__seen {
    hf_id id;
    uint32_t state;
    uint32_t reserved;
} hf__seen;

/* The numbers of one series. */
typedef struct hf__series_sum {
    hf_name name;
    uint64_t last;  /* as stored */
    uint64_t count; /* of orders and purged numbers */
    uint64_t sum;   /* of the numbers, modulo 2^64 */
} hf__series_sum;

typedef struct hf__verify {
    hf__engine *engine;
    hf__query query;
    hf_store_error *engine_error; /* of the snapshot */
    hf_verify_result *result;
    hf_finding *findings;
    hf_progress_cb progress;
    void *progress_data;
    uint64_t total; /* rows of the store */
    hf__map sums;   /* by encoded account key */
    hf__sum *sum_rows;
    uint32_t sum_count;
    uint32_t sum_max;
    hf__map seen; /* by id; none when there are more records than HF__SEEN_MAX */
    hf__seen *seen_rows;
    uint32_t seen_count;
    uint32_t seen_max;
    hf__series_sum *series;
    uint32_t series_count;
    uint32_t series_max;
    uint64_t events_fold;  /* counters by the events */
    uint64_t records_fold; /* counters by the records */
    uint64_t next_seq;     /* the event expected next */
    int64_t last_ms;
    uint64_t lines; /* counted by the orders */
    uint64_t legs;
    uint64_t adjustments;
    uint64_t payments;
    uint64_t branches; /* counted by the transactions */
    uint64_t attempts;
    uint64_t txn_holds; /* that name a transaction which has not claimed them */
    uint64_t purged_events;
    bool purged; /* records, too, whose events may still be there */
    hf_table_stat tables[HF__TABLE_COUNT];
    void *work; /* the memory of query.work */
    uint8_t scratch_row[2048];
    uint8_t *scratch; /* an encoded row */
    size_t scratch_bytes;
} hf__verify;

/* Notes what is broken; the text names record and values. */
void hf__verify_find(hf__verify *verify, uint32_t clause, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Calls `visit` for every row of a table in key order, adding each to the digest. */
int hf__verify_each(hf__verify *verify, uint32_t table,
                    int (*visit)(hf__verify *verify, const void *row));

/* The sum of an account, made when it is new; NULL when there are more than the store has. */
hf__sum *hf__verify_sum(hf__verify *verify, const hf_account_ref *key);

/* Adds what is held between two accounts; the world has no sum. */
void hf__verify_held(hf__verify *verify, const hf_account_ref *from, const hf_account_ref *to,
                     int64_t amount);

/* The weight of one counter of one record, for the linear hash. */
uint64_t hf__verify_weight(const hf_id *id, uint32_t no, uint32_t counter);

/* Compares a record's state with the last state by its events. */
void hf__verify_state(hf__verify *verify, const hf_id *id, uint32_t state, const char *what);

/* Checks the money of an order that is loaded in the draft. 0, or the store's error. */
int hf__verify_money(hf__verify *verify, hf__draft *draft, hf__order *order, const char *id);

/* The passes, in this order. */
int hf__verify_bases(hf__verify *verify);
int hf__verify_events(hf__verify *verify);
int hf__verify_orders(hf__verify *verify);
int hf__verify_holds(hf__verify *verify);
int hf__verify_txns(hf__verify *verify);
int hf__verify_accounts(hf__verify *verify);
int hf__verify_others(hf__verify *verify);
int hf__verify_store(hf__verify *verify);

#endif
