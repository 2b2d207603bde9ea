/*
 * identity.h - identifies a store and its incarnation.
 */
#ifndef HF_BASE_IDENTITY_H
#define HF_BASE_IDENTITY_H

#include "base/env.h"

#include <holdfast/store.h>

/* True when an identity is set: a store without one has all zeros. NULL: false. */
bool hf__identity_is(const hf_store_identity *identity);

/* Makes the identity of a new store. HF_E_IO: there are no random numbers. */
int hf__identity_make(hf_env *env, hf_store_identity *out);

/*
 * The identity that an engine uses of a store with `stored`: that one; of a copy the next
 * incarnation, without a journal; of a store without one `fresh`.
 */
hf_store_identity hf__identity_used(const hf_store_identity *stored,
                                    const hf_store_identity *fresh);

/* The next incarnation. What another copy writes after this point belongs to another one. */
hf_store_identity hf__identity_next(const hf_store_identity *identity);

#endif
