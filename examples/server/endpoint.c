/*
 * endpoint.c - the file of endpoints.
 *
 * Failure modes: a line with too few or too many parts, a name that is malformed or given twice, a
 * URL that is not valid, a type or a subject that is not known, a file of secrets that cannot be
 * read or has no secret of the name; the reason names the line.
 */
#include "endpoint.h"
#include "common/cloud_event.h"
#include "common/memory.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PARTS = 5, PARTS_LEAST = 3, SUBJECTS = 32, URL_BYTES = 512 };

static bool is_name(const char *name)
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
    return name[0] != '\0' && strlen(name) < ENDPOINT_NAME && strspn(name, allowed) == strlen(name);
}

/* Whether the URL has the part. */
static bool has_part(CURLU *url, CURLUPart part)
{
    char *text = NULL;
    const bool found = curl_url_get(url, part, &text, 0) == CURLUE_OK;
    curl_free(text);
    return found;
}

static bool is_web(CURLU *url)
{
    char *scheme = NULL;
    const bool good = curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
                      (strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0);
    curl_free(scheme);
    return good;
}

/* What is wrong with a URL; NULL: nothing. */
static const char *check_url(const char *text)
{
    CURLU *url = curl_url();
    const char *wrong = NULL;
    if (url == NULL || strlen(text) >= URL_BYTES ||
        curl_url_set(url, CURLUPART_URL, text, 0) != CURLUE_OK || !is_web(url))
        wrong = "an endpoint has a URL of http or https, of at most 511 bytes";
    else if (has_part(url, CURLUPART_USER) || has_part(url, CURLUPART_PASSWORD) ||
             has_part(url, CURLUPART_FRAGMENT))
        wrong = "a URL of an endpoint has no user, no password and no fragment";
    curl_url_cleanup(url);
    return wrong;
}

/* ---- Filters --------------------------------------------------------------------------------- */

static const char *type_name(uint32_t type)
{
    return hf_event_type_name(type);
}

/* Sets the bit of each name of a list with commas, "*" sets none; false: a name is not known. */
static bool read_names(char *list, const char *(*name_of)(uint32_t), uint32_t count, uint64_t *bits)
{
    char *rest = NULL;
    if (list == NULL || strcmp(list, "*") == 0)
        return true;
    for (char *name = strtok_r(list, ",", &rest); name != NULL; name = strtok_r(NULL, ",", &rest)) {
        uint32_t at = 0;
        while (at < count &&
               (name_of(at) == NULL || strcmp(name_of(at), name) != 0 || strcmp(name, "?") == 0))
            at++;
        if (at == count)
            return false;
        bits[at / 64] |= UINT64_C(1) << (at % 64);
    }
    return true;
}

bool endpoint_subscribes(const endpoint *e, const hf_event *event)
{
    uint64_t any = 0;
    for (size_t i = 0; i < ENDPOINT_TYPES / 64; i++)
        any |= e->types[i];
    const uint32_t type = event->type, kind = event->subject_kind;
    const bool typed =
        any == 0 || (type < ENDPOINT_TYPES && (e->types[type / 64] >> (type % 64) & 1) != 0);
    return typed && (e->subjects == 0 || (kind < SUBJECTS && (e->subjects >> kind & 1) != 0));
}

/* ---- Lines ----------------------------------------------------------------------------------- */

static size_t count_secrets(const endpoint *e)
{
    size_t count = 0;
    for (size_t i = 0; i < e->secrets.count; i++)
        count += strcmp(e->secrets.secrets[i].provider, e->name) == 0 ? 1 : 0;
    return count;
}

/* Fills an endpoint but for its secrets; what is wrong, or NULL. */
static const char *read_parts(endpoint *out, const endpoints *all, char *parts[PARTS])
{
    uint64_t subjects = 0;
    if (!is_name(parts[0]))
        return "a name has 1 to 24 letters, digits, '-', '_' and '.'";
    for (size_t i = 0; i < all->count; i++)
        if (strcmp(all->rows[i].name, parts[0]) == 0)
            return "the name is given twice";
    const char *wrong = check_url(parts[1]);
    if (wrong != NULL)
        return wrong;
    if (!read_names(parts[3], type_name, ENDPOINT_TYPES, out->types))
        return "there is no such type of event";
    if (!read_names(parts[4], cloud_event_subject, SUBJECTS, &subjects))
        return "there is no such subject of events";
    out->subjects = (uint32_t)subjects;
    (void)snprintf(out->name, sizeof(out->name), "%s", parts[0]);
    out->url = copy_text(parts[1]);
    return NULL;
}

static bool take_line(void *data, char *line, const char *where, char error[LINES_ERROR])
{
    endpoints *all = data;
    endpoint one = {.url = NULL};
    char *rest = NULL, *parts[PARTS] = {NULL};
    size_t count = 0;
    char *part = strtok_r(line, " \t\r\n", &rest);
    if (part == NULL || part[0] == '#')
        return true;
    for (; part != NULL && count < PARTS; part = strtok_r(NULL, " \t\r\n", &rest))
        parts[count++] = part;
    if (part != NULL || count < PARTS_LEAST)
        return lines_good("a line is \"NAME URL SECRETS [TYPES [SUBJECTS]]\"", where, error);
    if (!lines_good(read_parts(&one, all, parts), where, error))
        return false;
    bool good = webhooks_read(&one.secrets, parts[2], error);
    if (good)
        good = lines_good(count_secrets(&one) == 0 || count_secrets(&one) > ENDPOINT_SECRETS
                              ? "the file of secrets has 1 to 4 lines of the name"
                              : NULL,
                          where, error);
    if (!good) {
        endpoint_fini(&one);
        return false;
    }
    all->rows = grow_memory(all->rows, &all->capacity, all->count + 1, sizeof(one));
    all->rows[all->count++] = one;
    return true;
}

bool endpoints_read(endpoints *out, const char *path, char error[LINES_ERROR])
{
    *out = (endpoints){.rows = NULL};
    if (path == NULL || lines_read("endpoints", path, take_line, out, error))
        return true;
    endpoints_fini(out);
    return false;
}

void endpoint_fini(endpoint *e)
{
    free(e->url);
    webhooks_fini(&e->secrets);
    *e = (endpoint){.url = NULL};
}

void endpoints_fini(endpoints *e)
{
    for (size_t i = 0; i < e->count; i++)
        endpoint_fini(&e->rows[i]);
    free(e->rows);
    *e = (endpoints){.rows = NULL};
}
