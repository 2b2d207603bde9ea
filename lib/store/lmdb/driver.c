/*
 * driver.c - the store behind "lmdb:PATH".
 *
 * PATH is the data file itself, not a folder. One process at a time; commits are flushed before
 * they are acknowledged unless durability is none.
 */
#include "store/builtin.h"
#include "store/lmdb/state.h"

const hf_store_driver hf__lmdb_driver = {
    .size = sizeof(hf_store_driver),
    .capabilities =
        HF_STORE_EXCLUSIVE | HF_STORE_PERSISTENT | HF_STORE_JOURNALED | HF_STORE_READ_ONLY,
    .scheme = "lmdb",
    .open = hf__lmdb_open,
    .close = hf__lmdb_close,
    .begin = hf__lmdb_begin,
    .get = hf__lmdb_get,
    .put = hf__lmdb_put,
    .del = hf__lmdb_del,
    .scan = hf__lmdb_scan,
    .commit = hf__lmdb_commit,
    .rollback = hf__lmdb_rollback,
    .stat = hf__lmdb_stat,
    .check = hf__lmdb_check,
    .backup = hf__lmdb_backup,
    .restore = hf__lmdb_restore,
    .scans = hf__lmdb_scans,
};
