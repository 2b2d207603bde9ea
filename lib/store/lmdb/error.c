/*
 * error.c - results of LMDB as HF_E_*, and the texts that name file, place and cause.
 *
 * One table translates; what a failed commit means is decided in txn.c, which alone knows how far
 * it came.
 */
#include "store/lmdb/state.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define PROBE_BYTES ((uint64_t)1 << 20) /* more than LMDB writes at once */

typedef struct translation {
    int native;
    int error;
    const char *text; /* says more than LMDB's own; NULL */
} translation;

/* clang-format off */
static const translation translations[] = {
    { MDB_MAP_FULL,         HF_E_NO_SPACE, "the store has used up its address space" },
    { MDB_TXN_FULL,         HF_E_TOO_MANY, "more changes than one commit can hold" },
    { MDB_READERS_FULL,     HF_E_BUSY,     "too many snapshots at the same time" },
    { MDB_CORRUPTED,        HF_E_CORRUPT,  NULL },
    { MDB_PAGE_NOTFOUND,    HF_E_CORRUPT,  NULL },
    { MDB_CURSOR_FULL,      HF_E_CORRUPT,  NULL },
    { MDB_PAGE_FULL,        HF_E_CORRUPT,  NULL },
    { MDB_INCOMPATIBLE,     HF_E_CORRUPT,  NULL },
    { MDB_BAD_VALSIZE,      HF_E_CORRUPT,  "a key of an impossible length" },
    { MDB_NOTFOUND,         HF_E_CORRUPT,  "an entry is missing" },
    { MDB_KEYEXIST,         HF_E_CORRUPT,  "an entry is there that should not be" },
    { MDB_INVALID,          HF_E_CORRUPT,  NULL },
    { MDB_VERSION_MISMATCH, HF_E_CORRUPT,  NULL },
    { MDB_MAP_RESIZED,      HF_E_CORRUPT,  "another program has grown the file" },
    { MDB_PANIC,            HF_E_POISONED, "an earlier commit failed half-way; close and open it" },
    { MDB_BAD_TXN,          HF_E_POISONED, "the transaction has failed before" },
    { MDB_BAD_RSLOT,        HF_E_POISONED, NULL },
    { MDB_BAD_DBI,          HF_E_POISONED, NULL },
    { MDB_DBS_FULL,         HF_E_TOO_MANY, NULL },
};
/* clang-format on */

static const translation *find(int native)
{
    for (size_t i = 0; i < sizeof translations / sizeof translations[0]; i++) {
        if (translations[i].native == native)
            return &translations[i];
    }
    return NULL;
}

int hf__lmdb_code(int native)
{
    const translation *found = find(native);
    return found != NULL ? found->error : hf__os_error(native);
}

int hf__lmdb_native(hf_store_error *error, const char *name, const char *what, int native)
{
    const translation *found = find(native);
    const char *cause = found != NULL && found->text != NULL ? found->text : mdb_strerror(native);
    return hf__store_fail(error, hf__lmdb_code(native), native, "lmdb:%s: %s: %s", name, what,
                          cause);
}

/*
 * Reserves more space than any single write takes: a write that was cut short has left less than
 * that. The file may stay longer than LMDB needs, which LMDB ignores.
 */
int hf__lmdb_cause(const hf__lmdb_store *store, int native)
{
    const hf__files *files = &hf__os_files;
    hf__file_info info;
    if (native != EIO || store->data.fd < 0 || files->info_of(store->data.fd, &info, NULL) != 0)
        return native;
    int code = files->reserve(store->data.fd, info.bytes + PROBE_BYTES, NULL);
    return code == HF_E_NO_SPACE ? ENOSPC : native;
}

/* ---- Places ---------------------------------------------------------------------------------- */

/* Names stay readable, with \xNN for their NULs; a key with other bytes is written in hex. */
static void key_text(const MDB_val *key, char *out, size_t bytes)
{
    const uint8_t *at = key->mv_data;
    bool binary = false;
    for (size_t i = 0; i < key->mv_size; i++)
        binary = binary || at[i] >= 0x7f;
    size_t used = 0;
    for (size_t i = 0; i < key->mv_size && used + 5 < bytes; i++) {
        if (!binary && at[i] > 0x20)
            out[used++] = (char)at[i];
        else
            used += (size_t)snprintf(out + used, bytes - used, binary ? "%02x" : "\\x%02x", at[i]);
    }
    out[used] = '\0';
}

int hf__lmdb_damaged(const hf__lmdb_txn *txn, const hf__lmdb_tree *tree, const MDB_val *key,
                     const char *cause)
{
    char text[100] = "";
    if (key != NULL)
        key_text(key, text, sizeof text);
    return hf__store_fail(txn->caller->error, HF_E_CORRUPT, 0, "lmdb:%s: %s %s%s%s: %s",
                          txn->store->name, tree->index == 0 ? "table" : "index",
                          hf__lmdb_tree_name(tree), key != NULL ? ", key " : "", text, cause);
}

int hf__lmdb_tree_failed(const hf__lmdb_txn *txn, const hf__lmdb_tree *tree, int native)
{
    if (txn->writes)
        native = hf__lmdb_cause(txn->store, native); /* large transactions write before commit */
    return hf__lmdb_native(txn->caller->error, txn->store->name, hf__lmdb_tree_name(tree), native);
}
