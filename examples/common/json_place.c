/*
 * json_place.c - a walk over valid JSON text, one character at a time, without building anything.
 */
#include "json_place.h"

#include <stdbool.h>
#include <string.h>

static const char *skip_space(const char *at)
{
    return at + strspn(at, " \t\r\n");
}

/* Moves behind the string that begins at `at`. */
static const char *skip_string(const char *at)
{
    for (at++; *at != '\0' && *at != '"'; at++)
        at += *at == '\\' && at[1] != '\0';
    return *at == '"' ? at + 1 : at;
}

/* Moves behind the value that begins at `at`: brackets are counted, strings jumped over. */
static const char *skip_value(const char *at)
{
    size_t depth = 0;
    do {
        if (*at == '"') {
            at = skip_string(at);
            continue;
        }
        depth += *at == '{' || *at == '[';
        depth -= depth > 0 && (*at == '}' || *at == ']');
        at++;
        if (depth == 0 && strchr(",]}", *at) != NULL)
            break;
    } while (*at != '\0' && (depth > 0 || strchr(",]} \t\r\n", *at) == NULL));
    return at;
}

/* Moves from the name of a member to its value. */
static const char *skip_name(const char *at)
{
    at = skip_space(skip_string(at));
    return skip_space(*at == ':' ? at + 1 : at);
}

/* Moves to the member or element with that ordinal, of the object or array at `at`. */
static const char *find_child(const char *at, size_t ordinal)
{
    bool object = *at == '{';
    at = skip_space(at + 1);
    for (size_t i = 0; i < ordinal && *at != '\0'; i++) {
        at = skip_space(skip_value(object ? skip_name(at) : at));
        at = skip_space(*at == ',' ? at + 1 : at);
    }
    return at;
}

size_t json_place(const char *text, const size_t *ordinals, size_t count)
{
    const char *at = skip_space(text);
    bool member = false;
    for (size_t i = 0; i < count; i++) {
        if (member)
            at = skip_name(at);
        member = *at == '{';
        at = find_child(at, ordinals[i]);
    }
    size_t column = 1;
    for (const char *c = text; c < at; c++)
        column += ((unsigned char)*c & 0xc0) != 0x80; /* not the rest of a character */
    return column;
}
