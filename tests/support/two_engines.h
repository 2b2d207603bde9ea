/*
 * One memory store that several engines have open, each under a number of its own as location. It
 * outlives them, as a database outlives its clients; one that was cut off reaches it no more.
 */
#ifndef HF_TESTS_SUPPORT_TWO_ENGINES_H
#define HF_TESTS_SUPPORT_TWO_ENGINES_H

#include "support/plain_memory.h"

#include <holdfast/error.h>
#include <holdfast/store.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define HF_SHARED_NODES 4

typedef struct hf_shared_node {
    bool cut;
    int write_error; /* not 0: its writes fail with it */
} hf_shared_node;

typedef struct hf_shared_state {
    void *store;
    hf_shared_node nodes[HF_SHARED_NODES];
} hf_shared_state;

extern hf_shared_state hf_shared;

static inline void hf_shared_log(void *data, uint32_t level, const char *text)
{
    (void)data;
    (void)level;
    (void)text;
}

static inline int hf_shared_open(const hf_store_config *config, void **out)
{
    hf_shared_node *node = &hf_shared.nodes[strtoul(config->location, NULL, 10)];
    *node = (hf_shared_node){.cut = false};
    *out = node;
    if (hf_shared.store != NULL)
        return 0;
    hf_store_config kept = *config;
    kept.allocator = &hf_test_plain_memory;
    kept.log = hf_shared_log;
    return hf_store_builtin("memory")->open(&kept, &hf_shared.store);
}

static inline void hf_shared_close(void *node)
{
    (void)node;
}

static inline int hf_shared_begin(void *opened, uint32_t mode, const hf_store_caller *caller,
                                  void **txn)
{
    const hf_shared_node *node = opened;
    int error = node->cut ? HF_E_IO : mode == HF_TXN_WRITE ? node->write_error : 0;
    if (error == 0)
        return hf_store_builtin("memory")->begin(hf_shared.store, mode, caller, txn);
    if (caller->error != NULL)
        *caller->error = (hf_store_error){.code = error};
    return error;
}

/* The driver, over an empty store. */
const hf_store_driver *hf_shared_start(void);

static inline void hf_shared_end(void)
{
    hf_store_builtin("memory")->close(hf_shared.store);
    hf_shared.store = NULL;
}

#endif
