/*
 * waiters.c - calls those who wait for a value that is being loaded.
 */
#include "cache/bounded.h"

void hf__waiters_call(hf_cache_waiter *last, int status, void *value)
{
    if (last == NULL)
        return;
    hf_cache_waiter *waiter = last->next;
    for (bool more = true; more;) {
        hf_cache_waiter *next = waiter->next; /* the callback may use its waiter again */
        more = waiter != last;
        waiter->cb(waiter->data, status, value);
        waiter = next;
    }
}
