/*
 * retention.h - what one call of retention removes: found by its load, removed by its decision.
 */
#ifndef HF_DOMAIN_UPKEEP_RETENTION_H
#define HF_DOMAIN_UPKEEP_RETENTION_H

#include "domain/upkeep/purge.h"

#include <holdfast/engine.h>

#define HF__WALKS 4u /* tables that are walked by id */

/* A row of HF__PURGES that the load has named. */
typedef struct hf__kept {
    hf__purge key;
    uint32_t at; /* its position in the draft, see hf__draft_load */
} hf__kept;

/* One call. */
typedef struct hf__pass {
    hf__draft *draft;
    hf_retention_result *result;
    int64_t before_ms;
    uint32_t left;  /* records that may still be looked at */
    bool only_txns; /* the engine's own clean-up: ended transactions and nothing else */
    hf__removals removals;
    hf__ranges numbers;
    uint64_t parts;            /* of removed transactions: they, their branches and their holds */
    uint64_t last_event;       /* the last one removed, by this call or before */
    hf__kept until;            /* the time before which ids are refused */
    hf__kept events;           /* the removed events */
    hf__kept walks[HF__WALKS]; /* how far each walk of this before_ms was before */
    uint64_t positions[HF__WALKS]; /* how far each walk is now */
    bool walked[HF__WALKS];        /* whether the call takes part in the walk */
} hf__pass;

#endif
