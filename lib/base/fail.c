/*
 * fail.c - a text that is too long is cut; more rows than were asked for are an error; a store
 * without a `look` callback is accepted as it is.
 */
#include "base/fail.h"
#include "base/text.h"

#include <holdfast/error.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define NAME_BYTES 120u /* of a path in a text */
#define RANGES     64u  /* of one call of a store */

/* A text of the store reaches the host whole. */
_Static_assert(HF__DETAIL_MAX >= sizeof(((hf_store_error *)0)->text), "a detail is too short");

const char *hf__path_end(const char *path)
{
    size_t bytes = strlen(path);
    if (bytes <= NAME_BYTES)
        return path;
    path += bytes - NAME_BYTES;
    while (((unsigned char)*path & 0xc0u) == 0x80u) /* within a character */
        path++;
    return path;
}

int hf__store_fail(hf_store_error *error, int code, int native, const char *format, ...)
{
    if (error == NULL)
        return code;
    error->code = code;
    error->native = native;
    va_list values;
    va_start(values, format);
    int printed = vsnprintf(error->text, sizeof error->text, format, values);
    va_end(values);
    hf__text_end(error->text, sizeof error->text, printed);
    return code;
}

int hf__store_look(const hf_store_config *config, const hf_store_stat *stat)
{
    return config->look == NULL ? 0 : config->look(config->look_data, stat);
}

int hf__store_scan(const hf_store_driver *driver, void *txn, const hf_scan *scan, void *const *rows,
                   uint32_t *count)
{
    const uint32_t most = *count;
    int error = driver->scan(txn, scan, rows, count);
    if (error != 0 || *count <= most)
        return error;
    *count = 0;
    return HF_E_CORRUPT;
}

static int scan_each(const hf_store_driver *driver, void *txn, const hf_scan *ranges,
                     uint32_t range_count, void *const *rows, uint32_t *counts)
{
    int error = 0;
    for (uint32_t i = 0; error == 0 && i < range_count; i++) {
        const uint32_t most = counts[i];
        error = hf__store_scan(driver, txn, &ranges[i], rows, &counts[i]);
        rows += most;
    }
    return error;
}

/* What the store says is compared with what it was given, some ranges at a time. */
int hf__store_scans(const hf_store_driver *driver, void *txn, const hf_scan *ranges,
                    uint32_t range_count, void *const *rows, uint32_t *counts)
{
    uint32_t most[RANGES];
    if (driver->scans == NULL)
        return scan_each(driver, txn, ranges, range_count, rows, counts);
    for (uint32_t first = 0, step; first < range_count; first += step) {
        step = range_count - first < RANGES ? range_count - first : RANGES;
        memcpy(most, counts + first, step * sizeof *most);
        int error = driver->scans(txn, ranges + first, step, rows, counts + first);
        for (uint32_t i = 0; error == 0 && i < step; i++) {
            error = counts[first + i] > most[i] ? HF_E_CORRUPT : 0;
            rows += most[i];
        }
        if (error != 0)
            return error;
    }
    return 0;
}
