/*
 * lines.c - files that are read line by line.
 */
#include "lines.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

enum { LINE_BYTES = 1024, WHERE_BYTES = 120 };

bool lines_good(const char *wrong, const char *where, char error[LINES_ERROR])
{
    if (wrong != NULL)
        (void)snprintf(error, LINES_ERROR, "%s: %s", where, wrong);
    return wrong == NULL;
}

bool lines_read(const char *what, const char *path, lines_take take, void *data,
                char error[LINES_ERROR])
{
    char line[LINE_BYTES], where[WHERE_BYTES];
    bool good = true;
    (void)snprintf(where, sizeof(where), "%s: %.100s", what, path);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return lines_good(strerror(errno), where, error);
    for (unsigned number = 1; good && fgets(line, sizeof(line), file) != NULL; number++) {
        (void)snprintf(where, sizeof(where), "%s: %.100s:%u", what, path, number);
        const bool whole = strlen(line) + 1 < sizeof(line);
        good = lines_good(whole ? NULL : "the line is too long", where, error) &&
               take(data, line, where, error);
    }
    if (good && ferror(file) != 0) {
        (void)snprintf(where, sizeof(where), "%s: %.100s", what, path);
        good = lines_good("it cannot be read as a file", where, error);
    }
    sodium_memzero(line, sizeof(line));
    (void)fclose(file);
    return good;
}
