/*
 * The stores that have a file, by the scheme of their address.
 */
#ifndef HF_TESTS_SUPPORT_DISK_SCHEMES_H
#define HF_TESTS_SUPPORT_DISK_SCHEMES_H

#include <stddef.h>

static const char *const schemes[] = {
#if HF_HAVE_LMDB
    "lmdb",
#endif
#if HF_HAVE_SQLITE
    "sqlite",
#endif
    NULL,
};
#define SCHEMES ((int)(sizeof schemes / sizeof schemes[0]) - 1)

#endif
