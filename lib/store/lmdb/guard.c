/*
 * guard.c - the writer keeps the pages that readers need which are not in its table of readers.
 *
 * A reader that opened the store before this writer is not in the table that the writer has made:
 * that reader uses no table, or the one of the previous writer. It has locked the byte of its
 * transaction's number, see data_file.h. So the writer begins a snapshot of its own before it
 * writes anything, and in the table its number is replaced by the lowest of those: LMDB reuses no
 * page that was freed since.
 *
 * The table is a file, and LMDB has it mapped; a write to the file is seen there. The entry is
 * found by the process and the transaction, since it is the only snapshot that this process has.
 * The file's descriptor stays open until LMDB is closed: closing it would drop LMDB's locks on it.
 *
 * A process that reads and is killed leaves its entry in the table, and the pages that it read are
 * not used again. LMDB looks for such entries on request, and allocates memory for that. So they
 * are cleared before the first write and each WRITES_A_CHECKth after it, and when the table is
 * full.
 *
 * Failure mode: a table that does not look as expected. Then the store is not opened beside older
 * readers: HF_E_LOCKED.
 */
#include "store/lmdb/state.h"

#include <string.h>

#define TABLE_BYTES    65536u /* more than the table has */
#define PROCESS_AT     8u     /* in an entry, behind the transaction's number */
#define WRITES_A_CHECK 64u    /* a power of two */

static int refuse(const hf__lmdb_store *store, hf_store_error *error)
{
    return hf__store_fail(
        error, HF_E_LOCKED, 0,
        "lmdb:%s: another process reads an older state of it; close it there first", store->name);
}

/* How many entries are those of this process's snapshot; *at is where the last of them begins. */
static uint32_t find_entries(const uint8_t *table, size_t bytes, uint64_t txnid, uint64_t *at)
{
    const uint32_t process = hf__os_process();
    uint32_t found = 0;
    for (size_t i = 0; i + PROCESS_AT + sizeof process <= bytes; i += sizeof txnid) {
        if (memcmp(table + i, &txnid, sizeof txnid) != 0 ||
            memcmp(table + i + PROCESS_AT, &process, sizeof process) != 0)
            continue;
        *at = i;
        found++;
    }
    return found;
}

static int find_entry(hf__lmdb_store *store, const hf__place *place, hf_store_error *error)
{
    const hf_allocator *allocator = store->allocator;
    hf__lmdb_guard *guard = &store->guard;
    size_t got = 0;
    char *path = hf__lmdb_path(allocator, place->path, "-lock");
    uint8_t *table = allocator->alloc(allocator->context, TABLE_BYTES);
    int code = path == NULL || table == NULL ? HF_E_NOMEM : 0;
    if (code == 0)
        code = hf__os_files.open(path, HF__OPEN_WRITE, &guard->fd, NULL);
    if (code == 0)
        code = hf__os_files.read_at(guard->fd, table, TABLE_BYTES, 0, &got, NULL);
    if (code == 0 && find_entries(table, got, guard->own, &guard->at) != 1)
        code = HF_E_LOCKED;
    allocator->free(allocator->context, table);
    allocator->free(allocator->context, path);
    return code == 0 ? 0 : refuse(store, error);
}

static int keep(hf__lmdb_guard *guard, uint64_t oldest)
{
    guard->kept = oldest;
    return hf__os_files.write_at(guard->fd, &oldest, sizeof oldest, guard->at, NULL);
}

int hf__lmdb_guard_begin(hf__lmdb_store *store, const hf__place *place, hf_store_error *error)
{
    hf__lmdb_guard *guard = &store->guard;
    const uint64_t oldest = hf__data_file_pinned(&store->data);
    if (oldest == UINT64_MAX)
        return 0;
    const int native = hf__lmdb_read_begin(store, &guard->txn);
    if (native != 0)
        return hf__lmdb_native(error, store->name, "keeping what others read", native);
    guard->own = mdb_txn_id(guard->txn);
    guard->kept = guard->own;
    if (oldest >= guard->own)
        return 0;
    const int code = find_entry(store, place, error);
    if (code != 0)
        return code;
    return keep(guard, oldest) == 0 ? 0 : refuse(store, error);
}

/* An entry that cannot be cleared only keeps pages from being reused. */
static void clear_entries(const hf__lmdb_store *store)
{
    (void)mdb_reader_check(store->env, NULL);
}

int hf__lmdb_read_begin(hf__lmdb_store *store, MDB_txn **txn)
{
    int native = mdb_txn_begin(store->env, NULL, MDB_RDONLY, txn);
    if (native != MDB_READERS_FULL)
        return native;
    clear_entries(store);
    return mdb_txn_begin(store->env, NULL, MDB_RDONLY, txn);
}

void hf__lmdb_guard_look(hf__lmdb_store *store)
{
    hf__lmdb_guard *guard = &store->guard;
    if (guard->writes++ % WRITES_A_CHECK == 0)
        clear_entries(store);
    if (guard->txn == NULL)
        return;
    const uint64_t oldest = hf__data_file_pinned(&store->data);
    if (oldest > guard->own)
        hf__lmdb_guard_end(store);
    else if (oldest > guard->kept)
        (void)keep(guard, oldest); /* otherwise more pages are kept than necessary */
}

void hf__lmdb_guard_end(hf__lmdb_store *store)
{
    if (store->guard.txn != NULL)
        mdb_txn_abort(store->guard.txn);
    store->guard.txn = NULL;
}

void hf__lmdb_guard_close(hf__lmdb_store *store)
{
    if (store->guard.fd >= 0)
        hf__os_files.close(store->guard.fd);
    store->guard.fd = -1;
}
