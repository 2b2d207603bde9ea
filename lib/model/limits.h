/*
 * limits.h - the limits of an account, each stated once.
 *
 * A row is ROW(X, field, bit, type, number, since): the field of hf_account and of
 * hf_account_put_args, its bit HF_PUT_*, its column type (I64, BOOL), the number of the change
 * LIMITS that carries it in events, the schema that declared it (0: the first). X is an argument of
 * the expansion. Columns, shapes, names, masks, events and what a put changes come from these
 * lists.
 *
 * The fields of a list follow each other in both structs. A new limit is a row of HF__LIMITS_LATER,
 * and its field is the last one of both structs. It has the number `none`: what the bodies of
 * events have of a change is stored, and never changes.
 */
#ifndef HF_MODEL_LIMITS_H
#define HF_MODEL_LIMITS_H

#include <holdfast/account.h>

/* clang-format off */
#define HF__LIMIT_AMOUNTS(ROW, X) \
    ROW(X, min_balance, MIN_BALANCE, I64, a, 0) \
    ROW(X, min_available, MIN_AVAILABLE, I64, b, 0) \
    ROW(X, max_balance, MAX_BALANCE, I64, c, 0)

#define HF__LIMIT_SWITCHES(ROW, X) \
    ROW(X, frozen, FROZEN, BOOL, none, 0) \
    ROW(X, overtake, OVERTAKE, BOOL, none, 0)

#define HF__LIMITS_LATER(ROW, X)

#define HF__LIMITS(ROW, X) HF__LIMIT_AMOUNTS(ROW, X) HF__LIMIT_SWITCHES(ROW, X) HF__LIMITS_LATER(ROW, X)
/* clang-format on */

/* All bits HF_PUT_*. */
#define HF__LIMIT_BIT(X, field, bit, type, number, since) | HF_PUT_##bit
#define HF__LIMIT_BITS                                    (0u HF__LIMITS(HF__LIMIT_BIT, ))

/* Which one it is, and how many there are. */
#define HF__LIMIT_ORDINAL(X, field, bit, type, number, since) HF__LIMIT_##bit,
enum { HF__LIMITS(HF__LIMIT_ORDINAL, ) HF__LIMIT_COUNT };

#endif
