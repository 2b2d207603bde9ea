/*
 * url.c - which store a URL names.
 */
#include "loop/loop.h"

#include <holdfast/store.h>
#include <string.h>

#define SCHEME_MAX 16u
#define NAME_BYTES                                                                                 \
    240u /* of a file that has 15 bytes of suffix beside it; most systems take 255                 \
          */

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
 * After "//" a URL names a host, and programs differ in the number of slashes: for some,
 * sqlite:///x is a relative path. A guess could create a file at a path that the caller did not
 * mean.
 */
static int check_slashes(const hf_store_driver *driver, const char *location, hf__detail *detail)
{
    if (strncmp(location, "//", 2) != 0)
        return 0;
    return hf__refuse(detail, HF_E_URL,
                      "no // behind \"%s:\": write \"%s:shop\" for a file in this folder, "
                      "\"%s:/srv/shop\" for an absolute path",
                      driver->scheme, driver->scheme, driver->scheme);
}

/* SQLite does not open a file for a name that begins with a colon, or for a URL. */
static int check_special(const hf_store_driver *driver, const char *location, hf__detail *detail)
{
    bool special = location[0] == ':' || strncmp(location, "file:", 5) == 0;
    if (!special || strcmp(driver->scheme, "sqlite") != 0)
        return 0;
    return hf__refuse(detail, HF_E_URL,
                      "sqlite:%s is not the path of a file: write \"memory:\" for a store in "
                      "memory, \"sqlite:./%s\" for a file of that name",
                      location, location);
}

/* The files beside the store have its name and a suffix. */
static int check_name(const hf_store_driver *driver, const char *location, hf__detail *detail)
{
    const char *slash = strrchr(location, '/');
    size_t bytes = strlen(slash == NULL ? location : slash + 1);
    if (bytes <= NAME_BYTES)
        return 0;
    return hf__refuse(detail, HF_E_URL, "%s: the file's name has %zu bytes, at most %u",
                      driver->scheme, bytes, NAME_BYTES);
}

static int check_location(const hf_store_driver *driver, const char *location, hf__detail *detail)
{
    if ((driver->capabilities & HF_STORE_PERSISTENT) == 0)
        return location[0] == '\0'
                   ? 0
                   : hf__refuse(detail, HF_E_URL, "%s: takes no path, nothing of it is kept",
                                driver->scheme);
    int error = check_slashes(driver, location, detail);
    if (error == 0)
        error = check_special(driver, location, detail);
    return error != 0 ? error : check_name(driver, location, detail);
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
        return check_location(*driver, *location, detail);
    return is_known(scheme)
               ? hf__refuse(detail, HF_E_UNSUPPORTED, "%s: not built into this library", scheme)
               : hf__refuse(detail, HF_E_URL, "%s: no such kind of store", scheme);
}
