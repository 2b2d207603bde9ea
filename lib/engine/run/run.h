/*
 * run.h - how a write batch runs, and what the engine does by itself in it.
 */
#ifndef HF_ENGINE_RUN_RUN_H
#define HF_ENGINE_RUN_RUN_H

#include "engine/state.h"

/* The engine's own operation is left to the next batch, which may have the memory. */
#define HF__LATER 4

/*
 * own.c: one internal operation in the open group; its error. commit: in a commit of its own, with
 * the memory of `batch`; 0 when it is durable.
 */
int hf__own_run(hf__engine *engine, const hf__operation *op);
int hf__own_commit(hf__engine *engine, hf__batch *batch, const hf__operation *op);

/* aside.c: what the engine does when an operation broke an invariant (HF_E_INVARIANT). */
bool hf__aside_first(hf__engine *engine, hf__operation *op); /* true: decide it again */

/* share.c: how much of a batch is for what the engine does by itself. */
void hf__share_init(hf__engine *engine);
void hf__share_begin(hf__engine *engine, uint32_t tasks); /* a batch of so many begins */
void hf__share_commit(hf__engine *engine);                /* a commit begins */
void hf__share_swept(hf__engine *engine);                 /* callers' operations begin */
bool hf__share_left(hf__engine *engine, hf__chore chore);
void hf__share_take(hf__engine *engine, hf__chore chore, uint32_t records); /* by the last draft */
void hf__share_spend(hf__engine *engine, hf__chore chore); /* the last draft changed nothing */
void hf__share_earn(hf__engine *engine);     /* the last draft was applied for a caller */
void hf__share_continue(hf__engine *engine); /* another batch continues at once */
void hf__share_stop(hf__engine *engine);     /* no batch continues at once */
void hf__share_fail(hf__engine *engine);     /* the store failed: another batch continues later */

/*
 * chore.c: an operation of a chore for one account, or for all of them (HF_KIND_WORLD: whatever is
 * due). Without memory it handles fewer records. HF__LATER: not even one, but this batch has used
 * memory for other things, so the next one begins with it. expire_first: what a decision asked for;
 * true when due records expired first, or when they are due only by what the chain does before, so
 * that it is made again.
 */
void hf__chore_init(hf__engine *engine);
int hf__chore_run(hf__engine *engine, uint32_t type, const hf__supplied *of, hf__sweep_result *out);
bool hf__chore_expire_first(hf__engine *engine, int *status);
void hf__chore_had_memory(hf__engine *engine, hf__chore chore);

/* promote.c: the orders that wait on accounts. */
void hf__promote_look(hf__engine *engine); /* continues the search; once a batch */
void hf__promote(hf__engine *engine);      /* as much as the batch has a share for */
int hf__promote_owed(hf__engine *engine, const hf_account_ref *account); /* until it owes nothing */

/* sweep.c: expiry and promotions together. */
bool hf__sweep_first(hf__engine *engine, int *status); /* HF__SWEEP: done, true: decide again */
void hf__sweep_look(hf__engine *engine); /* for what was set aside, and for queues; once a batch */
void hf__sweep_due(hf__engine *engine);

/*
 * task.c: one operation. decide: loads and decides it; HF__SWEEP: see draft.h. apply: takes what it
 * has changed into the working set. answer: fills in the completion.
 */
int hf__task_decide(hf__engine *engine, const hf__operation *op, hf__arena *work);
int hf__task_apply(hf__engine *engine);
void hf__task_answer(hf__engine *engine, hf__task *task, int status);

/*
 * wave.c: rows of the operations to come are loaded with those of the one that is decided. begin: a
 * batch, of which none is to come yet. behind: the tasks from this one on come behind it. load:
 * what was noted for the one that is decided; its error, and no other's. end: none of this batch
 * names its rows before its turn any more.
 */
void hf__wave_init(hf__wave *wave, hf__cache *cache);
void hf__wave_begin(hf__wave *wave, const hf__batch *batch);
void hf__wave_behind(hf__wave *wave, const hf__batch *batch, uint32_t task);
void hf__wave_end(hf__wave *wave);
int hf__wave_load(hf__engine *engine);

/*
 * prefetch.c: prefetches the rows that the tasks after this one will read. scan_later: of a view
 * for naming rows; the operation itself will read its ranges.
 */
int hf__scan_later(void *context, const hf_scan *range, uint32_t limit, hf__rows *out);
void hf__prefetch_init(hf__prefetch *prefetch, const hf__cache *cache);
void hf__prefetch_tasks(hf__prefetch *prefetch, const hf__batch *batch, uint32_t task);

#endif
