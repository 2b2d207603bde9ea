/*
 * json_text.c - JSON that is written from front to back into one growing text.
 *
 * Whether a comma is due shows in the last byte: none stands behind an
 * opening bracket, a colon or the end of a line.
 * Text is copied in runs up to the next byte that must be escaped.
 */
#include "json_text.h"
#include "memory.h"
#include "utf8.h"

#include <stdio.h>
#include <string.h>

static char *reserve(json_text *out, size_t count)
{
    if (out->capacity - out->used < count)
        out->bytes = grow_memory(out->bytes, &out->capacity, out->used + count, 1);
    return out->bytes + out->used;
}

static void put(json_text *out, const char *bytes, size_t count)
{
    memcpy(reserve(out, count), bytes, count);
    out->used += count;
}

static void put_char(json_text *out, char c)
{
    *reserve(out, 1) = c;
    out->used++;
}

static void comma(json_text *out)
{
    const char last = out->used == 0 ? '[' : out->bytes[out->used - 1];
    if (last != '{' && last != '[' && last != ':' && last != '\n')
        put_char(out, ',');
}

void json_text_open(json_text *out, char bracket)
{
    comma(out);
    put_char(out, bracket);
}

void json_text_close(json_text *out, char bracket)
{
    put_char(out, bracket);
}

void json_text_name(json_text *out, const char *name)
{
    comma(out);
    put_char(out, '"');
    put(out, name, strlen(name));
    put(out, "\":", 2);
}

/* Writes what stands for one byte that cannot stand for itself. */
static void put_escaped(json_text *out, unsigned char byte)
{
    static const char short_forms[] = "\"\"\\\\\bb\ff\nn\rr\tt"; /* a byte, then its letter */
    char text[8];
    if (byte >= 0x80) {
        put(out, "\xef\xbf\xbd", 3); /* U+FFFD */
        return;
    }
    for (size_t i = 0; i + 1 < sizeof(short_forms); i += 2)
        if ((unsigned char)short_forms[i] == byte) {
            put_char(out, '\\');
            put_char(out, short_forms[i + 1]);
            return;
        }
    (void)snprintf(text, sizeof(text), "\\u%04x", byte);
    put(out, text, 6);
}

static bool is_plain(unsigned char byte)
{
    return byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
}

/* Copies plain bytes up to the first other one; returns how many. */
static size_t put_plain(json_text *out, const char *bytes, size_t count)
{
    char *to = reserve(out, count + 1); /* the quote that ends the text, too */
    size_t i = 0;
    for (; i < count && is_plain((unsigned char)bytes[i]); i++)
        to[i] = bytes[i];
    out->used += i;
    return i;
}

void json_text_bytes(json_text *out, const char *bytes, size_t count)
{
    const unsigned char *at = (const unsigned char *)bytes;
    comma(out);
    put_char(out, '"');
    for (size_t i = put_plain(out, bytes, count); i < count;
         i += put_plain(out, bytes + i, count - i)) {
        const size_t length = at[i] < 0x80 ? 0 : utf8_length(at + i, count - i);
        if (length == 0)
            put_escaped(out, at[i]);
        else
            put(out, bytes + i, length);
        i += length == 0 ? 1 : length;
    }
    put_char(out, '"');
}

void json_text_string(json_text *out, const char *text)
{
    if (text == NULL)
        json_text_null(out);
    else
        json_text_bytes(out, text, strlen(text));
}

void json_text_u64(json_text *out, uint64_t value)
{
    char digits[20];
    size_t at = sizeof(digits);
    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value != 0);
    comma(out);
    put(out, digits + at, sizeof(digits) - at);
}

void json_text_i64(json_text *out, int64_t value)
{
    if (value >= 0) {
        json_text_u64(out, (uint64_t)value);
        return;
    }
    char text[24];
    const int count = snprintf(text, sizeof(text), "%lld", (long long)value);
    json_text_raw(out, text, (size_t)count);
}

void json_text_bool(json_text *out, bool value)
{
    json_text_raw(out, value ? "true" : "false", value ? 4 : 5);
}

void json_text_null(json_text *out)
{
    json_text_raw(out, "null", 4);
}

void json_text_line(json_text *out)
{
    put_char(out, '\n');
}

void json_text_raw(json_text *out, const char *json, size_t count)
{
    comma(out);
    put(out, json, count);
}

void json_text_member(json_text *out, const char *name, const char *text)
{
    json_text_name(out, name);
    json_text_string(out, text);
}

void json_text_number(json_text *out, const char *name, int64_t value)
{
    json_text_name(out, name);
    json_text_i64(out, value);
}
