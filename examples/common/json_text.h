/*
 * json_text.h - JSON that is written from front to back into one growing text.
 *
 *     json_text out = {0};
 *     json_text_open(&out, '{');
 *     json_text_name(&out, "id");
 *     json_text_string(&out, "a\"b");
 *     json_text_close(&out, '}');          // {"id":"a\"b"}
 *     free(out.bytes);
 *
 * Commas are set by the functions. Names are written as they are: they need no escapes. Memory that
 * there is not ends the program (memory.h).
 */
#ifndef COMMON_JSON_TEXT_H
#define COMMON_JSON_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A text under construction. Zeroed it is empty; `bytes` is the caller's to free. */
typedef struct json_text {
    char *bytes; /* not NUL-terminated */
    size_t used;
    size_t capacity;
} json_text;

/* Begins an object '{' or an array '['; ends one with '}' or ']'. */
void json_text_open(json_text *out, char bracket);
void json_text_close(json_text *out, char bracket);

/* The name of the next member. */
void json_text_name(json_text *out, const char *name);

/* Values. A string that is NULL is null; bytes that are not UTF-8 become U+FFFD. */
void json_text_string(json_text *out, const char *text);
void json_text_bytes(json_text *out, const char *bytes, size_t count);
void json_text_i64(json_text *out, int64_t value);
void json_text_u64(json_text *out, uint64_t value);
void json_text_bool(json_text *out, bool value);
void json_text_null(json_text *out);

/* A value that is JSON already. */
void json_text_raw(json_text *out, const char *json, size_t count);

/* The end of a line: values that follow it are texts of their own. */
void json_text_line(json_text *out);

/* A member with a text; with a number. */
void json_text_member(json_text *out, const char *name, const char *text);
void json_text_number(json_text *out, const char *name, int64_t value);

#endif
