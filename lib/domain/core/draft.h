/*
 * draft.h - what one operation would change: a private copy of every row it touches.
 *
 * A decision reads through the draft (its own changes first, then the view), edits copies in the
 * arena, writes the event's body, and answers. Done: the engine takes the list of changes. Refused
 * or missing: the arena is reset and nothing has happened.
 */
#ifndef HF_DOMAIN_CORE_DRAFT_H
#define HF_DOMAIN_CORE_DRAFT_H

#include "base/text.h"
#include "domain/core/holding.h"
#include "domain/core/view.h"

/* A row that the operation changes. */
typedef struct hf__draft_row {
    hf__key key;
    const void *old;  /* as it is in the view; NULL: new */
    void *row;        /* as it will be; NULL: removed (or only known to be absent) */
    uint32_t changed; /* 1: row differs from old on purpose; 0: only read for the list */
    uint32_t next;    /* in its bucket; index + 1 */
    int64_t taken;    /* of an account: what the operation takes at most, see shortage.h */
} hf__draft_row;

/* The record that the engine handles by itself, also inside another operation; see suspect.h. */
typedef struct hf__suspect {
    uint32_t kind; /* hf_subject_kind; HF_SUBJECT_NONE: none */
    hf_id id;
} hf__suspect;

#define HF__DRAFT_ROWS 16u   /* a checkout of two lines touches about ten */
#define HF__DRAFT_BODY 2048u /* bytes; it writes about 300 */

/*
 * Beside HF__MISSING: draft->sweep_type must be done before the operation can be decided. Never
 * leaves the engine.
 */
#define HF__SWEEP      3

#define HF__SWEEPS_MAX 16u /* accounts of which EXPIRE is asked for at once */

#define HF__LOADED_MAX 4u /* rows that a load names for its decision */

/* A bound of a range as encoded key columns; 0 bytes: the range is open there. */
typedef struct hf__draft_bound {
    const uint8_t *bytes;
    uint32_t byte_count;
    uint32_t exclusive;
} hf__draft_bound;

/* A range that a load has read for its decision; in the arena. */
typedef struct hf__draft_range {
    const struct hf__draft_range *next;
    uint32_t table;
    uint32_t index;
    hf__draft_bound low;
    hf__draft_bound high;
    uint32_t limit;
    uint32_t descending;
    hf__rows rows; /* as the view has them */
} hf__draft_range;

/* How far an operation walked the due records of an account, or of all: the world. */
typedef struct hf__due_walk {
    hf_account_ref account;
    hf__due_mark marks[HF__DUE_SOURCES];
} hf__due_walk;

typedef struct hf__draft {
    const hf__view *view;
    hf__arena *arena;
    hf__detail *detail;
    int64_t now_ms;
    uint64_t event_seq;         /* the number the event will have */
    int64_t purged_until_ms;    /* ids older than this are HF_E_ID_TOO_OLD */
    const hf__holding *holding; /* which engine decides; asked for transactions only */
    const hf__held *held;       /* what it holds when this is done; NULL: as before */
    hf__draft_row *rows;        /* in the order of first touch */
    uint32_t row_count;
    uint32_t row_capacity;
    uint32_t *buckets;
    uint32_t bucket_mask;
    bool nothing_due;    /* EXPIRE has found nothing of the account that is short */
    uint32_t many_only;  /* 1: a load leaves out rows of tables that have few */
    uint32_t sweep_type; /* with HF__SWEEP, an event type: EXPIRE what is due of `sweeps` first,
                              PROMOTE the orders that wait on the only one, or take a LEASE of every
                              shard; 0: none of them */
    uint32_t sweep_count;
    const hf_account_ref *queue; /* along which orders are promoted, before which no other operation
                                    comes; NULL: none */
    hf__suspect suspect;         /* what an invariant that breaks now is to be blamed on */
    uint32_t missing;  /* how often the view returned HF__MISSING; a load continues after that */
    uint32_t deciding; /* 1: a row that is read must be one that load named; see below */
    int load_error;    /* HF_E_NOMEM: load had no memory for a row; 0: it had */
    uint32_t loaded[HF__LOADED_MAX]; /* what load named, as hf__draft_load returns it */
    const hf__draft_range *ranges;   /* that load read; NULL: none */
    struct hf__order *loaded_order;  /* that load read; NULL: none, or it has no such order */
    int order_error;                 /* with loaded_order: what is to be said of it; 0: nothing */
    void *found;                     /* what else load has found out, in the arena; NULL: nothing */
    uint8_t *body; /* of the event; NULL: nothing written yet; in the arena when it is large */
    uint32_t body_bytes; /* written */
    uint32_t body_capacity;
    uint32_t subject_kind; /* of the event: hf_subject_kind */
    hf_id subject;
    uint64_t subject_version;
    uint32_t quiet; /* 1: no event (expectations, repeated ids, cursors); changed rows count */
    uint64_t answered_seq; /* of a repeated id: the event of the first time */
    uint32_t walked;       /* 1: due records were walked, see `walk` */
    const void *result;    /* the completion's result, in the arena; NULL: none */
    const void *order;     /* the last order that was finished, an hf_order_view; NULL: none */
    /* where rows, buckets and body begin: nearly all operations need no more, and the next one
       finds this memory in the processor's cache, while the arena only moves on */
    hf__draft_row first_rows[HF__DRAFT_ROWS];
    uint32_t first_buckets[2 * HF__DRAFT_ROWS];
    uint8_t first_body[HF__DRAFT_BODY];
    hf_account_ref sweeps[HF__SWEEPS_MAX]; /* sweep_count of them; set with sweep_type */
    hf__due_walk walk;                     /* with `walked` */
} hf__draft;

/* Prepares an empty draft. It points into itself: it must stay where it is. */
void hf__draft_init(hf__draft *draft, const hf__view *view, hf__arena *arena, hf__detail *detail);

/* An empty draft for the same operation, which is decided again. */
void hf__draft_restart(hf__draft *draft);

/*
 * Reads the row with the key set in `key`, changes of this draft included. *row is NULL when there
 * is none. Of `key`, here and below, only the columns of the primary key are looked at, so where a
 * row begins with them they are enough. 0, HF__MISSING, HF_E_NOMEM.
 */
int hf__draft_get(hf__draft *draft, uint32_t table, const void *key, const void **row);

/* The same for a row that exists: HF_E_INVARIANT when there is none. */
int hf__draft_require(hf__draft *draft, uint32_t table, const void *key, const void **row);

/* The same as a copy to change. */
int hf__draft_edit(hf__draft *draft, uint32_t table, const void *key, void **row);

/* A copy to change; *row is NULL when there is none. */
int hf__draft_edit_if_any(hf__draft *draft, uint32_t table, const void *key, void **row);

/* A copy to change, or a new zeroed row with this key when there is none. */
int hf__draft_put(hf__draft *draft, uint32_t table, const void *key, void **row);

/*
 * The same for a row that the view or this draft has given, alone or in a range: nothing is looked
 * for. 0, HF_E_NOMEM.
 */
int hf__draft_edit_known(hf__draft *draft, uint32_t table, const void *known, void **row);

/*
 * Names a row that the decision will read, by its key as above, or by the encoded primary key.
 * Returns the position of the row in the draft, from 1, for hf__loaded and hf__loaded_edit. Returns
 * 0 when the view does not have the row: its key is noted, and `missing` counts it; or when there
 * is no memory: draft->load_error. A load continues after either, so that all rows that can be
 * known are noted at once.
 */
uint32_t hf__draft_load(hf__draft *draft, uint32_t table, const void *key);
uint32_t hf__draft_load_key(hf__draft *draft, uint32_t table, const uint8_t *key,
                            uint32_t key_bytes);

/*
 * The row at a position that a load returned, changes of this draft included. NULL: there is none.
 * In a decision 0 is the position of a row that load forgot (an invariant), never of an absent row.
 */
const void *hf__loaded(const hf__draft *draft, uint32_t at);

/* The same as a copy to change; there must be one (an invariant). 0, HF_E_NOMEM. */
int hf__loaded_edit(hf__draft *draft, uint32_t at, void **row);

/* A copy to change, or a new zeroed row with the key of `key` when there is none. 0, HF_E_NOMEM. */
int hf__loaded_put(hf__draft *draft, uint32_t at, uint32_t table, const void *key, void **row);

/* The same with a changed copy that the caller has made in the arena, where it stays. 0. */
int hf__loaded_keep(hf__draft *draft, uint32_t at, void *row);

/* False: a row or a range that a load needs to continue is missing. */
static inline bool hf__draft_complete(const hf__draft *draft)
{
    return draft->missing == 0 && draft->load_error == 0;
}

/* What a function returns that cannot continue: HF__MISSING, or the error of what was loaded. */
static inline int hf__draft_missing(const hf__draft *draft)
{
    return draft->load_error != 0 ? draft->load_error : HF__MISSING;
}

/* The range as the view has it, without this draft's changes. 0, HF__MISSING, HF_E_NOMEM. */
int hf__draft_scan_stored(hf__draft *draft, const hf_scan *scan, uint32_t limit, hf__rows *out);

/*
 * Reads a range for the decision, which finds it by the same bounds with hf__draft_scan: as
 * hf__draft_scan with at most `limit` rows. When it is missing or there is no memory, `out` is
 * empty and that is noted as above.
 */
void hf__draft_load_scan(hf__draft *draft, const hf_scan *scan, uint32_t limit, hf__rows *out);

/* The same for a load that keeps the rows itself: the decision does not find the range. */
void hf__draft_load_rows(hf__draft *draft, const hf_scan *scan, uint32_t limit, hf__rows *out);

/*
 * In a load: leaves work on an account to an operation of the engine's own, which runs before this
 * operation is loaded again: HF_EVENT_EXPIRE for what is due of the account, and of others for
 * which it is asked in the same load; HF_EVENT_PROMOTE for the orders that wait on it, when nothing
 * else was asked for. Of what does not fit, nothing is noted: the load after finds it again.
 */
void hf__draft_defer(hf__draft *draft, const hf_account_ref *account, uint32_t type);

/*
 * A new zeroed row with the key of `key`; it must not be there (an invariant). The view is not
 * asked: the caller has looked, or the row cannot be there because what it belongs to is new.
 */
int hf__draft_add(hf__draft *draft, uint32_t table, const void *key, void **row);

/* The same with a row that the caller has made in the arena, where it stays. */
int hf__draft_add_kept(hf__draft *draft, uint32_t table, void *row);

/* Removes a row that is there; `known` as for hf__draft_edit_known. */
int hf__draft_del(hf__draft *draft, uint32_t table, const void *key);
int hf__draft_del_known(hf__draft *draft, uint32_t table, const void *known);

/*
 * Reads a range of the view with this draft's changes put over each row (changed rows in their new
 * form, removed ones left out, rows added by the draft not included). 0, HF__MISSING, HF_E_NOMEM.
 */
int hf__draft_scan(hf__draft *draft, const hf_scan *scan, uint32_t limit, hf__rows *out);

/* Memory in the arena, zeroed; NULL when it is full (answer HF_E_NOMEM). */
void *hf__draft_alloc(hf__draft *draft, size_t bytes);

#endif
