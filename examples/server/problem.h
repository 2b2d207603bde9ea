/*
 * problem.h - refusals as RFC 9457 problem details.
 *
 * `code` names the problem for programs: that of the library without its prefix ("STOCK_SHORT"), or
 * one of the server's own. `class` and `retryable` say what to do next, as hf_error_class does.
 */
#ifndef SERVER_PROBLEM_H
#define SERVER_PROBLEM_H

#include "exchange.h"

/* Problems that the server itself finds. */
typedef enum problem_id {
    PROBLEM_ROUTE,
    PROBLEM_METHOD,
    PROBLEM_PATH,
    PROBLEM_QUERY,
    PROBLEM_CURSOR,
    PROBLEM_HEADER_REPEATED,
    PROBLEM_HEADER_MALFORMED,
    PROBLEM_HOST,
    PROBLEM_LENGTH,
    PROBLEM_HEADER_LARGE,
    PROBLEM_BODY_LARGE,
    PROBLEM_BODY_UNWANTED,
    PROBLEM_CONTENT_TYPE,
    PROBLEM_JSON,
    PROBLEM_DEPTH,
    PROBLEM_VALUE,
    PROBLEM_TOKEN_MISSING,
    PROBLEM_TOKEN_WRONG,
    PROBLEM_ROLE,
    PROBLEM_KEY_MISSING,
    PROBLEM_KEY_FORMAT,
    PROBLEM_KEY_RUNNING,
    PROBLEM_KEY_UNUSED,
    PROBLEM_MATCH_MISSING,
    PROBLEM_MATCH_FORMAT,
    PROBLEM_SIGNATURE,
    PROBLEM_EVENT_ID,
    PROBLEM_NO_BACKUPS,
    PROBLEM_ENDPOINT,
    PROBLEM_NOT_READY,
    PROBLEM_NO_SERVICE,
    PROBLEMS
} problem_id;

/* Answers with a problem of the server's own. `detail` names the culprit; `pointer` is the place in
 * the body (RFC 6901), or NULL. */
void problem_answer(exchange *x, problem_id id, const char *pointer, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Answers with an error of the library; `detail` is that of the completion. */
void problem_error(exchange *x, int error, const char *detail);

/* The error of the library whose code a text begins with, alone or before a space; 0: none. */
int problem_find(const char *text);

/* Writes a refusal as a text of at most HF_NAME_MAX bytes, for problem_find: the code and the
 * detail. A detail that is too long is cut before a ": ", so that what it names is named wholly. */
void problem_name(const char *code, const char *detail, char out[HF_NAME_MAX + 1]);

/* The code of an error of the library: its name without the prefix. */
const char *problem_code(int error);

/* Answers with the list of all problems. */
void problem_list(exchange *x);

#endif
