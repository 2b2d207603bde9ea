/*
 * url.c - which store a URL names.
 */
#include "loop/loop.h"

#include <holdfast/store.h>
#include <string.h>

#define SCHEME_MAX 16u

/* Known by name whether this build has them or not. */
static const char *const known[] = {"memory", "lmdb", "sqlite", "postgresql"};

static bool is_known(const char *scheme)
{
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strcmp(known[i], scheme) == 0)
            return true;
    }
    return false;
}

/*
 * After "//" a URL names a host, and people count slashes differently: to some sqlite:///x is
 * relative, to others it is not. A file in a place nobody meant would be the answer to guessing.
 */
static int check_path(const hf_store_driver *driver, const char *location, hf__detail *detail)
{
    if ((driver->capabilities & HF_STORE_PERSISTENT) == 0 || strncmp(location, "//", 2) != 0)
        return 0;
    return hf__refuse(detail, HF_E_URL,
                      "no // behind \"%s:\": write \"%s:shop\" for a file in this folder, "
                      "\"%s:/srv/shop\" for an absolute path",
                      driver->scheme, driver->scheme, driver->scheme);
}

int hf__url_split(const char *url, const hf_store_driver **driver, const char **location,
                  hf__detail *detail)
{
    const char *colon = url == NULL ? NULL : strchr(url, ':');
    if (colon == NULL || colon == url || (size_t)(colon - url) >= SCHEME_MAX)
        return hf__refuse(detail, HF_E_URL,
                          "a store is named as \"lmdb:PATH\", \"sqlite:PATH\" or \"memory:\"");
    char scheme[SCHEME_MAX] = {0};
    memcpy(scheme, url, (size_t)(colon - url));
    *driver = hf_store_builtin(scheme);
    *location = colon + 1;
    if (*driver != NULL)
        return check_path(*driver, *location, detail);
    return is_known(scheme)
               ? hf__refuse(detail, HF_E_UNSUPPORTED, "%s: not built into this library", scheme)
               : hf__refuse(detail, HF_E_URL, "%s: no such kind of store", scheme);
}
