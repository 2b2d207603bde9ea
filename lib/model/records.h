/*
 * records.h - the records that have no public struct because no operation returns them.
 *
 * The public ones (hf_account, hf_order, ...) are declared in include/holdfast; all of them are
 * described by one const table each, see tables.h.
 */
#ifndef HF_MODEL_RECORDS_H
#define HF_MODEL_RECORDS_H

#include <holdfast/account.h>
#include <holdfast/event.h>
#include <holdfast/hold.h>
#include <holdfast/node.h>
#include <holdfast/order.h>
#include <holdfast/payment.h>
#include <holdfast/txn.h>
#include <holdfast/unit.h>

/* An order that waits on an account, in the order of placing. */
typedef struct hf__wait {
    hf_account_ref account;
    uint64_t placed_seq;
    hf_id order;
} hf__wait;

/* The last number given in a series. */
typedef struct hf__series {
    hf_name name;
    uint64_t last;
} hf__series;

/* An operation that changed something but made no record of its own: its id is used up. */
typedef struct hf__op_key {
    hf_id id;
    uint8_t fingerprint[16];
    uint64_t event_seq;
    uint32_t type; /* hf_op_type */
    uint32_t reserved;
} hf__op_key;

/* What retention has removed. */
typedef enum hf__purge_kind {
    HF__PURGE_IDS = 0,     /* until_ms: ids older than this are refused */
    HF__PURGE_EVENTS = 1,  /* first..last */
    HF__PURGE_NUMBERS = 2, /* first..last of the series `name` */
} hf__purge_kind;

typedef struct hf__purge {
    hf_name name;
    uint64_t first;
    uint64_t last;
    int64_t until_ms;
    uint32_t kind; /* hf__purge_kind */
    uint32_t reserved;
} hf__purge;

/* An account's sums over the events that retention removed. */
typedef struct hf__account_base {
    hf_account_ref account;
    int64_t balance;
    int64_t held_out;
    int64_t held_in;
} hf__account_base;

/* A record that the engine skips, because handling it broke an invariant. */
typedef struct hf__set_aside {
    hf_id id;
    hf_name place; /* in the source: file, line and condition, cut */
    int64_t at_ms;
    uint32_t kind;    /* hf_subject_kind: ORDER, PAYMENT, HOLD or TXN */
    uint32_t library; /* HF__VERSION_NUMBER of the library that has set it aside */
} hf__set_aside;

/* Who drives the transactions of a shard, and since which epoch. */
typedef struct hf__lease {
    hf_name owner; /* node; empty: no engine, or an engine without a name */
    uint64_t epoch;
    int64_t expires_ms; /* 0: as long as the store is open, under its lock */
    uint32_t shard;
    uint32_t reserved;
} hf__lease;

#endif
