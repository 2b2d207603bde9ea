/*
 * belongs.h - checks whether a journal belongs to a store, before anything is written.
 */
#ifndef HF_JOURNAL_SEGMENTS_BELONGS_H
#define HF_JOURNAL_SEGMENTS_BELONGS_H

#include "base/identity.h"
#include "journal/segments/segment_walk.h"

/* What open does with the segments that exist. */
typedef enum hf__belongs {
    HF__BELONGS_NOTHING = 0, /* there are none, and none are needed */
    HF__BELONGS_REPLAY,      /* they are replayed, and the journal continues in them */
    HF__BELONGS_CLEAR,       /* the store has what is in them: they are removed */
    HF__BELONGS_ADOPT,       /* of schema 3: replayed, written to the store and removed */
} hf__belongs;

/*
 * Finds the segments and reads them all. `stat`: what the store says; NULL: there is no store.
 * HF_E_CORRUPT and HF_E_EXISTS, the error filled, when they do not belong to the store; HF_E_IO,
 * HF_E_NOMEM and what a file cannot be opened for.
 */
int hf__belongs_check(hf__segments *segments, const hf_store_stat *stat, hf__belongs *out);

/*
 * The caller wants the store without its journal, and the check gave `found`: when that refused the
 * journal its folder gets another name, and the log says so. HF_E_EXISTS: the journal is whole or
 * not needed.
 */
int hf__belongs_set_aside(hf__segments *segments, const hf_store_stat *stat, int found);

/* The number that stands for a journal of format 1. */
uint64_t hf__belongs_number(const hf__segment *newest);

#endif
