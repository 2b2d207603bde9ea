/*
 * identity.h - which store is it, and which of its lives?
 */
#ifndef HF_BASE_IDENTITY_H
#define HF_BASE_IDENTITY_H

#include "base/env.h"

#include <holdfast/store.h>

/* True when an identity is one, and not what a store without one has. NULL: false. */
bool hf__identity_is(const hf_store_identity *identity);

/* Makes the identity of a new store. HF_E_IO: there are no random numbers. */
int hf__identity_make(hf_env *env, hf_store_identity *out);

/*
 * The identity that an engine uses of a store with `stored`: that one; of a copy the next
 * incarnation, without a journal; of a store without one `fresh`.
 */
hf_store_identity hf__identity_used(const hf_store_identity *stored,
                                    const hf_store_identity *fresh);

/* The next incarnation: what was written behind this point elsewhere belongs to another one. */
hf_store_identity hf__identity_next(const hf_store_identity *identity);

#endif
