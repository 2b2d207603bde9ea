/*
 * tables.h - where each record's const table stands in the schema, and its indexes.
 *
 * The tables are the only description of what is stored: LMDB encodes rows from them, SQLite makes
 * its tables and statements from them, verify and digests walk them.
 *
 * The layout has a budget, which tests/unit/test_budget.c holds: a two-line checkout paid from an
 * account writes 9 rows (5 new), 3 index entries, 1 event, and at most 700 bytes of keys and
 * values.
 */
#ifndef HF_MODEL_TABLES_H
#define HF_MODEL_TABLES_H

#include <holdfast/store.h>

/* Position in the schema; a table's stable id is its position + 1. Append only. */
typedef enum hf__table {
    HF__UNITS = 0,
    HF__ACCOUNTS,
    HF__ORDERS,
    HF__ORDER_LINES,
    HF__ORDER_LEGS,
    HF__ADJUSTMENTS,
    HF__PAYMENTS,
    HF__FACTS,
    HF__HOLDS,
    HF__WAITS,
    HF__SERIES,
    HF__OP_KEYS,
    HF__EVENTS,
    HF__CURSORS,
    HF__PURGES,
    HF__ACCOUNT_BASES,
    HF__TXNS,
    HF__BRANCHES,
    HF__ATTEMPTS,
    HF__LEASES,
    HF__NODES,
    HF__SET_ASIDES,
    HF__TABLE_COUNT
} hf__table;

/* Index 0 is always the primary key. The others, by table, in the order of their declaration. */
#define HF__PRIMARY 0u

enum { HF__ACCOUNTS_ATTENTION = 1 };

enum {
    HF__ORDERS_CUSTOMER = 1, /* where customer is set */
    HF__ORDERS_REF,          /* where external_ref is set */
    HF__ORDERS_STATE,        /* by state, all of them */
    HF__ORDERS_DUE,          /* by deadline, where one is set (only PENDING and WAITING have one) */
    HF__ORDERS_ATTENTION,
};

enum { HF__ORDER_LINES_DUE = 1 }; /* (from, deadline) of leg 0, where a deadline is set */
enum { HF__ORDER_LEGS_DUE = 1 };

enum {
    HF__PAYMENTS_ORDER = 1, /* (order, no) */
    HF__PAYMENTS_DUE,       /* (account, deadline), where a deadline is set */
    HF__PAYMENTS_REF,       /* (provider, provider_ref), where a reference is set */
    HF__PAYMENTS_ATTENTION,
    HF__PAYMENTS_PROVIDER, /* (provider, state), where a provider is set */
};

enum {
    HF__FACTS_PAYMENT = 1,
    HF__FACTS_ATTENTION,
    HF__FACTS_REFERENCE,   /* (provider, kind, reference), where it is not fact_ref */
    HF__FACTS_PAYMENT_REF, /* (provider, payment_ref), of facts that keep it */
};

enum {
    HF__HOLDS_DUE = 1,  /* (from, deadline), where HELD or PARTIAL */
    HF__HOLDS_DEADLINE, /* by deadline, where HELD or PARTIAL */
    HF__HOLDS_ATTENTION,
};

enum { HF__WAITS_ORDER = 1 };

enum {
    HF__TXNS_OPEN = 1, /* by state, where not ended */
    HF__TXNS_DUE,      /* by due, where something is */
    HF__TXNS_PARKED,
};

enum { HF__BRANCHES_PARTICIPANT = 1 }; /* by participant, where not ended */

enum { HF__SET_ASIDES_LIBRARY = 1 }; /* by the version of the library */

/* The schema of this version. */
extern const hf_schema hf__schema;

/* X(position, name) for each table; see the file named after the record. */
/* clang-format off */
#define HF__EACH_TABLE(X) \
    X(UNITS, units) \
    X(ACCOUNTS, accounts) \
    X(ORDERS, orders) \
    X(ORDER_LINES, order_lines) \
    X(ORDER_LEGS, order_legs) \
    X(ADJUSTMENTS, adjustments) \
    X(PAYMENTS, payments) \
    X(FACTS, facts) \
    X(HOLDS, holds) \
    X(WAITS, waits) \
    X(SERIES, series) \
    X(OP_KEYS, op_keys) \
    X(EVENTS, events) \
    X(CURSORS, cursors) \
    X(PURGES, purges) \
    X(ACCOUNT_BASES, account_bases) \
    X(TXNS, txns) \
    X(BRANCHES, branches) \
    X(ATTEMPTS, attempts) \
    X(LEASES, leases) \
    X(NODES, nodes) \
    X(SET_ASIDES, set_asides)

#define HF__TABLE_DECLARE(position, name) extern const hf_table hf__##name##_table;
/* clang-format on */
HF__EACH_TABLE(HF__TABLE_DECLARE)

#endif
