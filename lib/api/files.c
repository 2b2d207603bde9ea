/*
 * restore.c - a backup back to where a store is to be. No engine is open on it, so this needs no
 * loop: the store's own function does the work in the caller's thread.
 *
 * Failure modes: those of the store, the URL's, and HF_E_UNSUPPORTED for a store without restore.
 */
#include "loop/loop.h"

#include <holdfast.h>
#include <stdio.h>

static int restore(const char *path, const char *url, hf__detail *detail)
{
    hf_env env;
    hf__env_init(&env);
    hf_store_error failure = {.code = 0};
    hf_store_config config = {
        .size = sizeof config,
        .schema = hf_store_schema(),
        .allocator = &env.allocator,
        .log = env.log,
        .log_data = env.log_data,
        .error = &failure,
        .check = HF_CHECK_FULL,
    };
    const hf_store_driver *driver;
    int error = hf__url_split(url, &driver, &config.location, detail);
    if (error != 0)
        return error;
    if (driver->restore == NULL)
        return hf__refuse(detail, HF_E_UNSUPPORTED, "%s: cannot be restored", driver->scheme);
    error = driver->restore(path, &config);
    return error == 0 ? 0 : hf__refuse(detail, error, "%s", failure.text);
}

int hf_restore(const char *path, const char *url, char *error, size_t error_bytes)
{
    hf__detail detail = {.text = ""};
    int result = path == NULL || path[0] == '\0'
                     ? hf__refuse(&detail, HF_E_ARGUMENT, "path: is NULL or empty")
                     : restore(path, url, &detail);
    if (error != NULL && error_bytes != 0)
        (void)snprintf(error, error_bytes, "%s",
                       result != 0 && detail.text[0] == '\0' ? hf_error_text(result) : detail.text);
    return result;
}
