/*
 * auth.c - reads the file of tokens, and compares what requests send with all of them.
 *
 * A line is "ROLE[,ROLE] NAME SHA-256" with the hash in 64 hex digits; empty lines and those that
 * begin with '#' are skipped. `printf %s TOKEN | sha256sum` prints the hash.
 */
#include "auth.h"
#include "common/memory.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *const names[] = {"shop", "warehouse", "operator", "service"};

enum { NAMES = sizeof(names) / sizeof(names[0]) };

const char *role_name(unsigned bit)
{
    for (unsigned i = 0; i < NAMES; i++)
        if (bit == 1u << i)
            return names[i];
    return NULL;
}

static bool read_roles(char *text, unsigned *out)
{
    char *rest = NULL;
    *out = 0;
    for (char *word = strtok_r(text, ",", &rest); word != NULL; word = strtok_r(NULL, ",", &rest)) {
        unsigned i = 0;
        while (i < NAMES && strcmp(word, names[i]) != 0)
            i++;
        if (i == NAMES)
            return false;
        *out |= 1u << i;
    }
    return *out != 0;
}

static const char *read_line(auth *out, char *line)
{
    char *rest = NULL;
    char *roles = strtok_r(line, " \t\r\n", &rest);
    char *name = strtok_r(NULL, " \t\r\n", &rest);
    char *hash = strtok_r(NULL, " \t\r\n", &rest);
    size_t bytes = 0;
    token one = {.roles = 0};
    if (roles == NULL || roles[0] == '#')
        return NULL;
    if (hash == NULL || strtok_r(NULL, " \t\r\n", &rest) != NULL)
        return "a line is \"ROLE[,ROLE] NAME SHA-256\"";
    if (!read_roles(roles, &one.roles))
        return "a role is shop, warehouse, operator or service";
    if (strlen(name) >= sizeof(one.name))
        return "a name has at most 63 bytes";
    if (sodium_hex2bin(one.hash, sizeof(one.hash), hash, strlen(hash), NULL, &bytes, NULL) != 0 ||
        bytes != sizeof(one.hash) || strlen(hash) != 2 * sizeof(one.hash))
        return "the hash is 64 hex digits";
    (void)snprintf(one.name, sizeof(one.name), "%s", name);
    out->tokens = grow_memory(out->tokens, &out->capacity, out->count + 1, sizeof(token));
    out->tokens[out->count++] = one;
    return NULL;
}

static bool take_line(void *data, char *line, const char *where, char error[LINES_ERROR])
{
    return lines_good(read_line(data, line), where, error);
}

bool auth_read(auth *out, const char *path, char error[LINES_ERROR])
{
    *out = (auth){.open = path == NULL};
    if (path == NULL || lines_read("tokens", path, take_line, out, error))
        return true;
    auth_fini(out);
    return false;
}

void auth_fini(auth *a)
{
    free(a->tokens);
    *a = (auth){.tokens = NULL};
}

const token *auth_find(const auth *a, const char *header)
{
    unsigned char hash[TOKEN_HASH];
    const token *found = NULL;
    if (header == NULL || strncasecmp(header, "Bearer ", 7) != 0)
        return NULL;
    const char *text = header + 7;
    (void)crypto_hash_sha256(hash, (const unsigned char *)text, strlen(text));
    for (size_t i = 0; i < a->count; i++)
        if (sodium_memcmp(hash, a->tokens[i].hash, sizeof(hash)) == 0)
            found = &a->tokens[i];
    return found;
}
