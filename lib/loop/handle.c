/*
 * handle.c - what an hf_engine* is: a slot's number and a generation, never an address.
 *
 * Happy path: a call looks its slot up, compares three words and continues. A handle that was
 * closed does not match its slot any more, one of another process or thread is refused before
 * anything of the engine is touched, so that misuse returns an error and does not crash. Slots are
 * atomics, not locked: a fork must not find a lock taken.
 *
 * Failure modes: HF_E_CLOSED, HF_E_FORKED, HF_E_THREAD; HF_E_TOO_MANY when all slots are taken.
 */
#include "base/os.h"
#include "loop/host.h"

#include <string.h>

#define SLOTS     64u
#define SLOT_BITS 6u

typedef struct slot {
    atomic_bool used;
    atomic_uintptr_t tag; /* the handle's value; 0: none */
    atomic_uint_fast64_t thread;
    atomic_uint_fast32_t forks;
    atomic_uint_fast32_t guests; /* calls of other threads that use what is behind the handle */
    _Atomic(hf__host *) host;
    uintptr_t generation; /* of the last handle; touched by who set `used` */
} slot;

static slot slots[SLOTS];

static slot *claim_slot(void)
{
    for (uint32_t i = 0; i < SLOTS; i++) {
        if (!atomic_exchange(&slots[i].used, true))
            return &slots[i];
    }
    return NULL;
}

int hf__handle_claim(hf__host *host, hf_engine **out)
{
    slot *mine = claim_slot();
    if (mine == NULL)
        return HF_E_TOO_MANY;
    if (atomic_load(&mine->forks) != hf__os_fork_count())
        atomic_store(&mine->guests, 0); /* threads of another process */
    mine->generation++;
    uintptr_t tag = mine->generation << SLOT_BITS | (uintptr_t)(mine - slots);
    atomic_store(&mine->thread, hf__os_thread_self());
    atomic_store(&mine->forks, hf__os_fork_count());
    atomic_store(&mine->host, host);
    atomic_store(&mine->tag, tag);
    *out = (hf_engine *)tag;
    return 0;
}

void hf__handle_release(hf_engine *handle)
{
    slot *mine = &slots[(uintptr_t)handle % SLOTS];
    atomic_store(&mine->tag, 0);
    while (atomic_load(&mine->guests) != 0) /* a later call sees that there is no tag */
        hf__os_yield();
    atomic_store(&mine->host, NULL);
    atomic_store(&mine->used, false);
}

int hf__host_find(hf_engine *handle, hf__host **out)
{
    slot *named = &slots[(uintptr_t)handle % SLOTS];
    if (handle == NULL || atomic_load(&named->tag) != (uintptr_t)handle)
        return HF_E_CLOSED;
    if (atomic_load(&named->forks) != hf__os_fork_count())
        return HF_E_FORKED;
    if (atomic_load(&named->thread) != hf__os_thread_self())
        return HF_E_THREAD;
    *out = atomic_load(&named->host);
    return 0;
}

int hf__guest_enter(hf_engine *handle, hf__host **out)
{
    slot *named = &slots[(uintptr_t)handle % SLOTS];
    if (handle == NULL || atomic_load(&named->tag) != (uintptr_t)handle)
        return HF_E_CLOSED;
    if (atomic_load(&named->forks) != hf__os_fork_count())
        return HF_E_FORKED;
    atomic_fetch_add(&named->guests, 1);
    if (atomic_load(&named->tag) != (uintptr_t)handle) {
        atomic_fetch_sub(&named->guests, 1);
        return HF_E_CLOSED;
    }
    *out = atomic_load(&named->host);
    return 0;
}

void hf__guest_leave(hf_engine *handle)
{
    atomic_fetch_sub(&slots[(uintptr_t)handle % SLOTS].guests, 1);
}

int hf__host_enter(hf_engine *handle, hf__host **out)
{
    int error = hf__host_find(handle, out);
    if (error == 0)
        (*out)->detail.text[0] = '\0';
    return error;
}

int hf__host_enter_open(hf_engine *handle, hf__host **out)
{
    int error = hf__host_enter(handle, out);
    if (error != 0)
        return error;
    return (*out)->closing ? HF_E_CLOSED : 0;
}

hf__detail *hf__host_detail(hf__host *host)
{
    return &host->detail;
}

bool hf__host_refuses_card_numbers(const hf__host *host)
{
    return host->env.no_card_numbers;
}

int hf__host_check_out(hf__host *host, const void *out, size_t known)
{
    uint32_t size;
    if (out == NULL)
        return hf__refuse(&host->detail, HF_E_ARGUMENT, "out: is NULL");
    memcpy(&size, out, sizeof size);
    if (size == known)
        return 0;
    return hf__refuse(&host->detail, HF_E_ABI, "size: %u bytes, this library knows %zu", size,
                      known);
}
