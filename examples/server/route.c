/*
 * route.c - finds the row of a request.
 *
 * Path and pattern are walked part by part. A part of the path is decoded after the path has been
 * split, so an escaped slash belongs to its part; "." and ".." are no parts of any resource.
 */
#include "route.h"
#include "problem.h"
#include "server.h"

#include <stdio.h>
#include <string.h>

static int hex(char c)
{
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    const char *at = c == '\0' ? NULL : strchr(digits, c);
    return at == NULL ? -1 : (int)((at - digits) % 16);
}

bool percent_decode(const char *text, size_t bytes, char *out, size_t capacity)
{
    size_t used = 0;
    for (size_t i = 0; i < bytes; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '%') {
            const int high = i + 2 < bytes ? hex(text[i + 1]) : -1;
            const int low = i + 2 < bytes ? hex(text[i + 2]) : -1;
            if (high < 0 || low < 0)
                return false;
            c = (unsigned char)(high * 16 + low);
            i += 2;
        }
        if (c < 0x20 || c == 0x7f || used + 1 >= capacity)
            return false;
        out[used++] = (char)c;
    }
    out[used] = '\0';
    return true;
}

/* Whether every escape of a path is whole, and none stands for a control character. */
static bool is_decodable(const char *path)
{
    for (; *path != '\0'; path++) {
        if (*path != '%')
            continue;
        const int high = hex(path[1]), low = high < 0 ? -1 : hex(path[2]);
        if (low < 0 || high * 16 + low < 0x20 || high * 16 + low == 0x7f)
            return false;
        path += 2;
    }
    return true;
}

/* How a path fits a pattern. */
typedef enum fit { FIT_NONE, FIT_WHOLE, FIT_MALFORMED } fit;

static fit fit_part(exchange *x, const char *part, size_t bytes, size_t *params)
{
    char *out = x->params[*params];
    if (*params == EXCHANGE_PARAMS || bytes == 0)
        return FIT_NONE;
    if (!percent_decode(part, bytes, out, EXCHANGE_PARAM_BYTES))
        return FIT_MALFORMED;
    ++*params;
    return strcmp(out, ".") == 0 || strcmp(out, "..") == 0 ? FIT_MALFORMED : FIT_WHOLE;
}

static fit fit_path(exchange *x, const char *pattern)
{
    const char *path = x->path;
    size_t params = 0;
    bool malformed = false;
    while (*pattern == '/' && *path == '/') {
        const size_t pattern_bytes = strcspn(++pattern, "/"), bytes = strcspn(++path, "/");
        if (*pattern == '{') {
            const fit one = fit_part(x, path, bytes, &params);
            if (one == FIT_NONE)
                return FIT_NONE;
            malformed = malformed || one == FIT_MALFORMED;
        } else if (pattern_bytes != bytes || memcmp(pattern, path, pattern_bytes) != 0) {
            return FIT_NONE;
        }
        pattern += pattern_bytes;
        path += bytes;
    }
    if (*pattern != '\0' || *path != '\0')
        return FIT_NONE;
    return malformed ? FIT_MALFORMED : FIT_WHOLE;
}

/* HEAD is a GET whose body is not sent. */
static bool fits_method(const route *r, const exchange *x)
{
    return strcmp(r->method, x->method) == 0 ||
           (strcmp(r->method, "GET") == 0 && strcmp(x->method, "HEAD") == 0);
}

bool route_is_served(const route *r, int64_t role)
{
    return (r->where & 1u << role) != 0;
}

bool route_find(exchange *x)
{
    char allowed[60] = "";
    if (!is_decodable(x->path)) {
        problem_answer(x, PROBLEM_PATH, NULL, "an escape is malformed, or a control character");
        return false;
    }
    for (size_t i = 0; route_at(i) != NULL; i++) {
        const route *r = route_at(i);
        const bool served = route_is_served(r, x->server->settings.role);
        const fit found = served ? fit_path(x, r->path) : FIT_NONE;
        if (found == FIT_NONE)
            continue;
        if (fits_method(r, x)) {
            x->route = r;
            if (found == FIT_MALFORMED)
                problem_answer(x, PROBLEM_PATH, NULL, "a part of the path is malformed");
            return found == FIT_WHOLE;
        }
        const size_t used = strlen(allowed);
        (void)snprintf(allowed + used, sizeof(allowed) - used, "%s%s", used == 0 ? "" : ", ",
                       r->method);
    }
    if (allowed[0] == '\0') {
        problem_answer(x, PROBLEM_ROUTE, NULL, "%.200s", x->path);
        return false;
    }
    exchange_header(x, "Allow", "%s", allowed);
    problem_answer(x, PROBLEM_METHOD, NULL, "%.20s; there is %s", x->method, allowed);
    return false;
}

bool route_param(const route *r, size_t index, char out[40])
{
    const char *at = strchr(r->path, '{');
    for (; at != NULL && index > 0; index--)
        at = strchr(at + 1, '{');
    if (at == NULL)
        return false;
    (void)snprintf(out, 40, "%.*s", (int)strcspn(at + 1, "}"), at + 1);
    return true;
}
