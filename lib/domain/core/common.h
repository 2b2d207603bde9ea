/*
 * common.h - meta, subjects, notes and refusals, which several handlers share.
 */
#ifndef HF_DOMAIN_CORE_COMMON_H
#define HF_DOMAIN_CORE_COMMON_H

#include "domain/core/draft.h"
#include "domain/core/operation.h"

/* The arguments of an operation as the struct of its type. */
#define HF__ARGS(op, type) ((const type *)(const void *)(op)->args)

/* Stores the operation's meta on the record it makes or changes; none leaves what is there. */
int hf__meta_set(hf__draft *draft, const hf_op_head *head, const void **meta, uint64_t *bytes);

/* Names the record that the event is about. */
void hf__subject_set(hf__draft *draft, uint32_t kind, const hf_id *id, uint64_t version);

/* An account as subject and result, with the operation's meta. */
int hf__account_answer(hf__draft *draft, const hf_op_head *head, hf_account *account);

/* Appends a text about a record to the event; `account` may be NULL. */
int hf__note(hf__draft *draft, const hf_id *id, const hf_account_ref *account, const char *text);

/*
 * Whether a rule has refused: the same on any machine. A decision may then look for another end;
 * what the store or the memory could not do must end it as it is, and nothing is concluded from it.
 */
bool hf__is_refusal(int error);

/* Refuses with "hold 018f...: why". */
int hf__refuse_id(const hf__draft *draft, int error, const char *what, const hf_id *id,
                  const char *why);

#endif
