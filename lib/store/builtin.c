/*
 * builtin.c - which store a scheme names.
 *
 * A scheme that is not in the table is either unknown or was left out of the build; both are the
 * same error.
 */
#include "store/builtin.h"

#include <string.h>

static const hf_store_driver *const drivers[] = {
    &hf__memory_driver,
#if HF_HAVE_LMDB
    &hf__lmdb_driver,
#endif
#if HF_HAVE_SQLITE
    &hf__sqlite_driver,
#endif
    NULL,
};

const hf_store_driver *hf_store_builtin(const char *scheme)
{
    if (scheme == NULL)
        return NULL;
    for (const hf_store_driver *const *driver = drivers; *driver != NULL; driver++) {
        if (strcmp((*driver)->scheme, scheme) == 0)
            return *driver;
    }
    return NULL;
}
