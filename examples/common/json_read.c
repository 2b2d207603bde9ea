/*
 * json_read.c - a reader of JSON that keeps the containers it is in on a stack.
 *
 * Happy path: the value that begins at the next byte is made and put into the innermost container;
 * a container is made empty, put into the one around it, and becomes the innermost one. Strings
 * without escapes are taken from the text as they are.
 *
 * Failure modes: each function returns false with the reason in `why`, and the position is where
 * the text stops to be JSON. A NUL is no character of a string, escaped or not. A text is refused
 * too when jansson has no memory for its values.
 */
#include "json_read.h"
#include "memory.h"
#include "utf8.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Bytes that are put together; they end with a NUL that is not counted. */
typedef struct buffer {
    char *bytes;
    size_t used, capacity;
} buffer;

typedef struct reader {
    const char *at, *end;
    json_t *open[JSON_READ_DEPTH]; /* from the outermost container to the innermost one */
    size_t depth, depth_max;
    json_t *root; /* open[0], also when the whole text has been read */
    buffer name;  /* of the next member of the innermost container */
    buffer text;  /* of a string with escapes, or a number with a fraction */
    const char *why;
    bool is_deep;
} reader;

static bool refuse(reader *r, const char *why)
{
    r->why = why;
    return false;
}

/* ---- Bytes ----------------------------------------------------------------------------------- */

/* The next byte; NUL at the end of the text. */
static char peek(const reader *r)
{
    return r->at == r->end ? '\0' : *r->at;
}

static bool take(reader *r, char c)
{
    const bool found = r->at != r->end && *r->at == c;
    r->at += found ? 1 : 0;
    return found;
}

static void skip_space(reader *r)
{
    while (r->at != r->end && (*r->at == ' ' || *r->at == '\n' || *r->at == '\t' || *r->at == '\r'))
        r->at++;
}

static void append(buffer *to, const char *bytes, size_t count)
{
    to->bytes = grow_memory(to->bytes, &to->capacity, to->used + count + 1, 1);
    memcpy(to->bytes + to->used, bytes, count);
    to->used += count;
    to->bytes[to->used] = '\0';
}

/* ---- Strings --------------------------------------------------------------------------------- */

/* Moves to the quote or the backslash that ends a run of characters. */
static bool skip_run(reader *r)
{
    while (r->at != r->end && *r->at != '"' && *r->at != '\\') {
        const unsigned char *at = (const unsigned char *)r->at;
        const size_t length = *at < 0x80 ? 1 : utf8_length(at, (size_t)(r->end - r->at));
        if (*at < ' ')
            return refuse(r, "a control character in a string");
        if (length == 0)
            return refuse(r, "a string is not UTF-8");
        r->at += length;
    }
    return r->at != r->end || refuse(r, "a string has no end");
}

/* Reads the four hex digits of \u. */
static bool read_unit(reader *r, uint32_t *out)
{
    static const char digits[] = "0123456789abcdefABCDEF";
    *out = 0;
    for (int i = 0; i < 4; i++) {
        const char *digit = peek(r) == '\0' ? NULL : strchr(digits, peek(r));
        if (digit == NULL)
            return refuse(r, "\\u has four hex digits");
        const uint32_t value = (uint32_t)(digit - digits);
        *out = *out << 4 | (value < 16 ? value : value - 6);
        r->at++;
    }
    return true;
}

static void append_character(buffer *to, uint32_t code)
{
    static const unsigned char heads[] = {0, 0, 0xc0, 0xe0, 0xf0};
    const size_t length = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    char bytes[4];
    for (size_t i = length; i-- > 1; code >>= 6)
        bytes[i] = (char)(0x80 | (code & 0x3f));
    bytes[0] = (char)(heads[length] | code);
    append(to, bytes, length);
}

/* Reads what stands behind \u: one unit of UTF-16, or two with the second \u between them. */
static bool read_code(reader *r, buffer *to)
{
    uint32_t code, low;
    if (!read_unit(r, &code))
        return false;
    if (code >= 0xd800 && code < 0xdc00) {
        if (!take(r, '\\') || !take(r, 'u'))
            return refuse(r, "half of a pair of surrogates");
        if (!read_unit(r, &low))
            return false;
        if (low < 0xdc00 || low > 0xdfff)
            return refuse(r, "half of a pair of surrogates");
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    } else if (code >= 0xdc00 && code <= 0xdfff) {
        return refuse(r, "half of a pair of surrogates");
    }
    if (code == 0)
        return refuse(r, "a NUL in a string");
    append_character(to, code);
    return true;
}

/* Reads an escape, of which the backslash is next. */
static bool read_escape(reader *r, buffer *to)
{
    static const char letters[] = "\"\\/bfnrt", bytes[] = "\"\\/\b\f\n\r\t";
    r->at++;
    if (take(r, 'u'))
        return read_code(r, to);
    const char *letter = peek(r) == '\0' ? NULL : strchr(letters, peek(r));
    if (letter == NULL)
        return refuse(r, "an escape is not known");
    append(to, &bytes[letter - letters], 1);
    r->at++;
    return true;
}

/* A string of the text, or of a buffer. */
typedef struct string {
    const char *bytes;
    size_t count;
} string;

/* Reads a string, of which the quote is next. It is in the text itself, or in `to` when it has
 * escapes. */
static bool read_string(reader *r, buffer *to, string *out)
{
    const char *from = ++r->at;
    to->used = 0;
    while (skip_run(r)) {
        const size_t run = (size_t)(r->at - from);
        if (*r->at == '"') {
            r->at++;
            *out = (string){from, run};
            if (to->used != 0) {
                append(to, from, run);
                *out = (string){to->bytes, to->used};
            }
            return true;
        }
        append(to, from, run);
        if (!read_escape(r, to))
            return false;
        from = r->at;
    }
    return false;
}

/* ---- Values ---------------------------------------------------------------------------------- */

/* Puts a value where the next one of the innermost container belongs. */
static bool put(reader *r, json_t *value)
{
    json_t *in = r->depth == 0 ? NULL : r->open[r->depth - 1];
    if (value == NULL)
        return refuse(r, "there is no memory");
    if (in == NULL) {
        r->root = value;
        return true;
    }
    const size_t count = json_object_size(in);
    const int error = json_is_array(in) ? json_array_append_new(in, value)
                                        : json_object_set_new_nocheck(in, r->name.bytes, value);
    if (error != 0)
        return refuse(r, "there is no memory");
    if (json_is_object(in) && json_object_size(in) == count)
        return refuse(r, "an object has a name twice");
    return true;
}

/* Puts an empty container, whose bracket is next, and enters it. */
static bool open_container(reader *r)
{
    json_t *made = take(r, '{') ? json_object() : json_array();
    if (r->depth == r->depth_max) {
        json_decref(made);
        r->is_deep = true;
        return refuse(r, "there are too many levels");
    }
    if (json_is_array(made))
        r->at++;
    if (!put(r, made))
        return false;
    r->open[r->depth++] = made;
    return true;
}

static bool put_string(reader *r)
{
    string value;
    return read_string(r, &r->text, &value) &&
           put(r, json_stringn_nocheck(value.bytes, value.count));
}

/* Moves behind digits; false: there is none. */
static bool skip_digits(reader *r)
{
    const char *from = r->at;
    while (r->at != r->end && *r->at >= '0' && *r->at <= '9')
        r->at++;
    return r->at != from;
}

/* The integer of some digits, which may have a minus before them. */
static bool put_integer(reader *r, const char *from)
{
    const bool minus = *from == '-';
    json_int_t value = 0;
    bool fits = true;
    for (const char *c = from + minus; c != r->at; c++)
        fits = fits && !__builtin_mul_overflow(value, 10, &value) &&
               !__builtin_add_overflow(value, minus ? '0' - *c : *c - '0', &value);
    return fits ? put(r, json_integer(value)) : refuse(r, "an integer has more than 64 bits");
}

static bool put_real(reader *r, const char *from)
{
    r->text.used = 0;
    append(&r->text, from, (size_t)(r->at - from));
    const double value = strtod(r->text.bytes, NULL);
    const bool is_finite = value - value == 0;
    return is_finite ? put(r, json_real(value)) : refuse(r, "a number is too large");
}

static bool put_number(reader *r)
{
    const char *from = r->at;
    bool is_integer = true;
    (void)take(r, '-');
    if (!take(r, '0') && !skip_digits(r))
        return refuse(r, "a minus has no number");
    if (take(r, '.')) {
        is_integer = false;
        if (!skip_digits(r))
            return refuse(r, "a fraction has no digit");
    }
    if (peek(r) == 'e' || peek(r) == 'E') {
        is_integer = false;
        r->at++;
        if (!take(r, '+'))
            (void)take(r, '-');
        if (!skip_digits(r))
            return refuse(r, "an exponent has no digit");
    }
    return is_integer ? put_integer(r, from) : put_real(r, from);
}

/* Puts a value whose text is always the same. */
static bool put_word(reader *r, const char *word, json_t *value)
{
    const size_t bytes = strlen(word);
    if ((size_t)(r->end - r->at) < bytes || memcmp(r->at, word, bytes) != 0)
        return refuse(r, "a value is not known");
    r->at += bytes;
    return put(r, value);
}

static bool put_value(reader *r)
{
    const char first = peek(r);
    if (first == '"')
        return put_string(r);
    if (first == '{' || first == '[')
        return open_container(r);
    if (first == '-' || (first >= '0' && first <= '9'))
        return put_number(r);
    if (first == 't')
        return put_word(r, "true", json_true());
    if (first == 'f')
        return put_word(r, "false", json_false());
    if (first == 'n')
        return put_word(r, "null", json_null());
    return refuse(r, "there is no value");
}

/* ---- Containers ------------------------------------------------------------------------------ */

/* Reads the name of a member and the colon. */
static bool read_name(reader *r)
{
    string name;
    if (peek(r) != '"')
        return refuse(r, "a member has no name");
    if (!read_string(r, &r->name, &name))
        return false;
    if (r->name.used == 0)
        append(&r->name, name.bytes, name.count);
    skip_space(r);
    if (!take(r, ':'))
        return refuse(r, "a name has no colon");
    skip_space(r);
    return true;
}

/* Reads on in the innermost container: its end, or its next value. */
static bool step(reader *r)
{
    json_t *in = r->open[r->depth - 1];
    const bool is_object = json_is_object(in);
    const size_t count = is_object ? json_object_size(in) : json_array_size(in);
    skip_space(r);
    if (take(r, is_object ? '}' : ']')) {
        r->depth--;
        return true;
    }
    if (count != 0) {
        if (!take(r, ','))
            return refuse(r, is_object ? "an object has no end" : "an array has no end");
        skip_space(r);
    }
    return (!is_object || read_name(r)) && put_value(r);
}

static bool read_all(reader *r)
{
    skip_space(r);
    if (peek(r) != '{' && peek(r) != '[')
        return refuse(r, "a text is an object or an array");
    if (!put_value(r))
        return false;
    while (r->depth > 0)
        if (!step(r))
            return false;
    skip_space(r);
    return r->at == r->end || refuse(r, "there is more behind the value");
}

static void say_where(const reader *r, const char *text, json_wrong *out)
{
    *out = (json_wrong){.why = r->why, .line = 1, .column = 1, .is_deep = r->is_deep};
    for (const char *c = text; c != r->at; c++) {
        out->line += *c == '\n' ? 1 : 0;
        out->column = *c == '\n' ? 1 : out->column + (((unsigned char)*c & 0xc0) != 0x80 ? 1 : 0);
    }
}

json_t *json_read(const char *text, size_t bytes, size_t depth_max, json_wrong *wrong)
{
    reader r;
    if (text == NULL)
        text = "";
    r.at = text;
    r.end = r.at + bytes;
    r.depth = 0;
    r.depth_max = depth_max < JSON_READ_DEPTH ? depth_max : JSON_READ_DEPTH;
    r.root = NULL;
    r.name = r.text = (buffer){.bytes = NULL};
    r.why = "";
    r.is_deep = false;
    if (!read_all(&r)) {
        json_decref(r.root);
        r.root = NULL;
        if (wrong != NULL)
            say_where(&r, text, wrong);
    }
    free(r.name.bytes);
    free(r.text.bytes);
    return r.root;
}
