/*
 * lines.h - files that are read line by line: settings, tokens, secrets of webhooks.
 */
#ifndef SERVER_LINES_H
#define SERVER_LINES_H

#include <stdbool.h>

enum { LINES_ERROR = 240 };

/* Takes a line, which it may change; `where` is "WHAT: PATH:NUMBER". False, with the reason in
 * `error`. */
typedef bool (*lines_take)(void *data, char *line, const char *where, char error[LINES_ERROR]);

/*
 * Gives each line of the file to `take`, until one is refused. `what` is the setting that names the
 * file. False, with the reason in `error`: the file cannot be read, a line is too long, or `take`
 * refused it. No copy of a line is left in memory.
 */
bool lines_read(const char *what, const char *path, lines_take take, void *data,
                char error[LINES_ERROR]);

/* Whether nothing is wrong with a line (`wrong` is NULL), else "WHERE: WRONG" in `error`. */
bool lines_good(const char *wrong, const char *where, char error[LINES_ERROR]);

#endif
