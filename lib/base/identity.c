/*
 * identity.c - a store keeps its identity; copies of it, and a store opened without its journal,
 * are other incarnations of the same store.
 */
#include "base/identity.h"

#include <string.h>

bool hf__identity_is(const hf_store_identity *identity)
{
    static const hf_id none;
    return identity != NULL && memcmp(&identity->store, &none, sizeof none) != 0;
}

int hf__identity_make(hf_env *env, hf_store_identity *out)
{
    *out = (hf_store_identity){.incarnation = 1};
    return env->random(env->random_source, &out->store, sizeof out->store);
}

hf_store_identity hf__identity_next(const hf_store_identity *identity)
{
    return (hf_store_identity){.store = identity->store, .incarnation = identity->incarnation + 1};
}

hf_store_identity hf__identity_used(const hf_store_identity *stored, const hf_store_identity *fresh)
{
    if (!hf__identity_is(stored))
        return *fresh;
    return (stored->flags & HF_STORE_COPY) != 0 ? hf__identity_next(stored) : *stored;
}
