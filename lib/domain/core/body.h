/*
 * body.h - the event's body: one compact record per change, written by the core, read by
 * hf_event_next. The format is part of the stored data: append types, never change one.
 */
#ifndef HF_DOMAIN_CORE_BODY_H
#define HF_DOMAIN_CORE_BODY_H

#include "domain/core/draft.h"

/* An hf_change to be written: what is large in one is only pointed to. */
typedef struct hf__change {
    uint32_t type;         /* hf_change_type */
    uint32_t subject_kind; /* hf_subject_kind */
    uint32_t no;
    uint32_t state;
    const hf_id *id;            /* NULL: none */
    const hf_account_ref *from; /* not NULL when the type has it; so are the next two */
    const hf_account_ref *to;
    const hf_name *text;
    int64_t amount;
    int64_t a, b, c, d;
} hf__change;

/* Appends a change; only the fields its type names are written. Grows in the arena. 0, HF_E_NOMEM.
 */
int hf__body_add(hf__draft *draft, const hf__change *change);

/* What was written, in the arena: it outlives the draft. 0, HF_E_NOMEM. */
int hf__body_keep(hf__draft *draft, const void **bytes, uint64_t *count);

/* Reads the change at *position: 1, 0 at the end, HF_E_CORRUPT. */
int hf__body_next(const void *body, uint64_t bytes, uint64_t *position, hf_change *out);

/* Appends that a subject is now in a state. */
int hf__body_state(hf__draft *draft, uint32_t subject_kind, const hf_id *id, uint32_t state);

/* The same of a branch. */
int hf__body_branch(hf__draft *draft, const hf_id *txn, uint32_t no, uint32_t state);

#endif
