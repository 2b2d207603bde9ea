/*
 * amount.c - amounts as texts with the decimal places of their unit, and back: exact, in integers.
 *
 * Happy path: a text is read digit by digit toward the limit of its sign, so that the smallest
 * int64 is read as well. Failure modes: the first character that is wrong is named by its place.
 */
#include "base/text.h"

#include <holdfast/money.h>
#include <stdio.h>
#include <string.h>

/* A text being read. */
typedef struct reading {
    const char *text;
    size_t at;
    uint64_t magnitude;
    uint64_t limit; /* of the magnitude */
    hf__detail *detail;
} reading;

static int add_digit(reading *r, uint32_t digit)
{
    if (r->magnitude > (r->limit - digit) / 10)
        return hf__refuse(r->detail, HF_E_OVERFLOW, "the amount does not fit 64 bits");
    r->magnitude = r->magnitude * 10 + digit;
    return 0;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Reads the digits up to the next character that is none; *count is how many. */
static int read_digits(reading *r, uint32_t most, uint32_t *count)
{
    int error = 0;
    for (*count = 0; error == 0 && is_digit(r->text[r->at]); r->at++)
        if (++*count <= most)
            error = add_digit(r, (uint32_t)(r->text[r->at] - '0'));
    return error;
}

static int refuse_character(const reading *r)
{
    bool end = r->text[r->at] == '\0';
    return hf__refuse(r->detail, HF_E_AMOUNT, "character %zu: %s", r->at + 1,
                      end ? "the text ends where a digit is needed" : "is not a digit");
}

/* The decimal places, as many as the unit has. */
static int read_places(reading *r, uint32_t scale)
{
    uint32_t places = 0;
    if (r->text[r->at] == '.') {
        r->at++;
        int error = read_digits(r, scale, &places);
        if (error != 0)
            return error;
        if (places == 0)
            return refuse_character(r);
    }
    if (r->text[r->at] != '\0')
        return refuse_character(r);
    if (places > scale)
        return hf__refuse(r->detail, HF_E_AMOUNT, "%u decimal places, the unit has %u", places,
                          scale);
    int error = 0;
    while (error == 0 && places++ < scale)
        error = add_digit(r, 0);
    return error;
}

/* Why the arguments of hf_amount_parse are refused. */
static const char *what_is_wrong(const char *text, const int64_t *out)
{
    if (text == NULL)
        return "text: is NULL";
    return out == NULL ? "out: is NULL" : "scale: is above 18";
}

static int parse(const char *text, uint32_t scale, int64_t *out, hf__detail *detail)
{
    if (text == NULL || out == NULL || scale > HF_UNIT_SCALE_MAX)
        return hf__refuse(detail, HF_E_ARGUMENT, "%s", what_is_wrong(text, out));
    if (text[0] == '\0')
        return hf__refuse(detail, HF_E_TEXT_MISSING, "text: is empty");
    bool negative = text[0] == '-';
    reading r = {
        .text = text,
        .at = negative ? 1 : 0,
        .limit = (uint64_t)INT64_MAX + (negative ? 1 : 0),
        .detail = detail,
    };
    uint32_t digits;
    int error = read_digits(&r, UINT32_MAX, &digits);
    if (error == 0 && digits == 0)
        error = refuse_character(&r);
    if (error == 0)
        error = read_places(&r, scale);
    if (error == 0)
        *out = negative ? (int64_t)(0 - r.magnitude) : (int64_t)r.magnitude;
    return error;
}

int hf_amount_parse(const char *text, uint32_t scale, int64_t *out, char *error, size_t error_bytes)
{
    hf__detail detail = {.text = ""};
    int status = parse(text, scale, out, &detail);
    if (error != NULL && error_bytes != 0)
        (void)snprintf(error, error_bytes, "%s", detail.text);
    return status;
}

char *hf_amount_format(int64_t amount, uint32_t scale, char out[HF_AMOUNT_TEXT])
{
    if (out == NULL || scale > HF_UNIT_SCALE_MAX)
        return NULL;
    uint64_t magnitude = amount < 0 ? 0 - (uint64_t)amount : (uint64_t)amount;
    uint64_t one = 1;
    for (uint32_t i = 0; i < scale; i++)
        one *= 10;
    int used = snprintf(out, HF_AMOUNT_TEXT, "%s%llu", amount < 0 ? "-" : "",
                        (unsigned long long)(magnitude / one));
    if (scale != 0 && used > 0)
        (void)snprintf(out + used, HF_AMOUNT_TEXT - (size_t)used, ".%0*llu", (int)scale,
                       (unsigned long long)(magnitude % one));
    return out;
}
