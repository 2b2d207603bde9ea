/*
 * text.c - what a key text may be, bounded texts for people, and what looks like a card number.
 *
 * Key texts come from hosts and end up in keys, SQL columns, log lines and terminals, so they are
 * strict UTF-8 without control characters. Failure modes are the refusals named in text.h.
 */
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define CARD_DIGITS_MIN 13u
#define CARD_DIGITS_MAX 19u
#define ID_DIGITS       64u /* of a SHA-256, the longest in use */
#define ID_GROUP        4u  /* the shortest between the dashes of a UUID */

/* First four digits of an issuer's numbers, and how long they are. */
typedef struct issuer {
    uint16_t first;
    uint16_t last;
    uint8_t digits_min;
    uint8_t digits_max;
} issuer;

/*
 * After ISO/IEC 7812 and what the networks publish. One number in ten passes Luhn, among them order
 * numbers that begin with a date and times in milliseconds; almost none of these also begins like
 * a card.
 */
/* clang-format off */
static const issuer issuers[] = {
    {1000, 1999, 15, 15}, /* UATP, old JCB */
    {2131, 2131, 15, 15}, /* old JCB */
    {2200, 2204, 16, 19}, /* Mir */
    {2221, 2720, 16, 16}, /* Mastercard */
    {3000, 3099, 14, 19}, /* Diners */
    {3400, 3499, 15, 15}, /* American Express */
    {3528, 3589, 16, 19}, /* JCB */
    {3600, 3699, 14, 19}, /* Diners */
    {3700, 3799, 15, 15}, /* American Express */
    {3800, 3999, 14, 19}, /* Diners */
    {4000, 4999, 13, 19}, /* Visa */
    {5000, 6999, 13, 19}, /* Mastercard, Maestro, Discover, UnionPay, RuPay */
    {8100, 8299, 16, 19}, /* RuPay, UnionPay */
    {9792, 9792, 16, 16}, /* Troy */
};
/* clang-format on */

/* Bytes of the character that begins with `lead`, which is none by itself. */
static uint32_t sequence_bytes(unsigned lead)
{
    if (lead < 0xe0)
        return 2;
    return lead < 0xf0 ? 3 : 4;
}

void hf__text_end(char *text, size_t size, int printed)
{
    if (printed < 0)
        text[0] = '\0';
    if (printed < 0 || (size_t)printed < size)
        return;
    /* Step back over the bytes that continue a character; what begins it says how many it has. */
    size_t end = size - 1;
    size_t start = end;
    while (start > 0 && end - start < 3 && ((unsigned char)text[start - 1] & 0xc0u) == 0x80u)
        start--;
    if (start == 0)
        return;
    unsigned char lead = (unsigned char)text[start - 1];
    const size_t whole = lead >= 0xc0 ? sequence_bytes(lead) : 1;
    if (end - start + 1 < whole)
        text[start - 1] = '\0';
}

int hf__refuse(hf__detail *detail, int error, const char *format, ...)
{
    if (detail == NULL)
        return error;
    va_list arguments;
    va_start(arguments, format);
    int printed = vsnprintf(detail->text, sizeof detail->text, format, arguments);
    va_end(arguments);
    hf__text_end(detail->text, sizeof detail->text, printed);
    return error;
}

/* Bytes of the character at `text`, 0 when it is not UTF-8. Unicode, table 3-7. */
static uint32_t character(const unsigned char *text, uint32_t bytes)
{
    unsigned lead = text[0];
    if (lead < 0x80)
        return 1;
    if (lead < 0xc2 || lead > 0xf4) /* continuation, overlong, above U+10FFFF */
        return 0;
    uint32_t whole = sequence_bytes(lead);
    if (whole > bytes)
        return 0;
    unsigned low = lead == 0xe0 ? 0xa0 : 0x80;  /* overlong below */
    unsigned high = lead == 0xed ? 0x9f : 0xbf; /* surrogates above */
    if (lead == 0xf0)
        low = 0x90; /* overlong below */
    if (lead == 0xf4)
        high = 0x8f; /* too large above */
    if (text[1] < low || text[1] > high)
        return 0;
    for (uint32_t i = 2; i < whole; i++) {
        if ((text[i] & 0xc0u) != 0x80u)
            return 0;
    }
    return whole;
}

static bool is_control(const unsigned char *text)
{
    return text[0] < 0x20 || text[0] == 0x7f || (text[0] == 0xc2 && text[1] < 0xa0);
}

static int check_characters(const unsigned char *text, uint32_t bytes)
{
    bool control = false;
    for (uint32_t at = 0; at < bytes;) {
        uint32_t step = character(text + at, bytes - at);
        if (step == 0)
            return HF_E_TEXT_UTF8;
        control = control || is_control(text + at);
        at += step;
    }
    return control ? HF_E_TEXT_CONTROL : 0;
}

static bool is_digit(unsigned char c)
{
    return c >= '0' && c <= '9';
}

static bool is_gap(unsigned char c)
{
    return c == ' ' || c == '-';
}

static bool is_letter(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_hex_letter(unsigned char c)
{
    return (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* Sums digits from the last to the first, every second one times `factor`; above 9 their cross sum
 * if `cross`. Both Luhn (2, cross, from the second) and GTIN (3, from the second) ask for 0. */
static bool checks(const uint8_t *digits, uint32_t count, unsigned factor, bool cross)
{
    unsigned sum = 0;
    for (uint32_t i = 0; i < count; i++) {
        unsigned value = digits[count - 1 - i] * (i % 2 == 0 ? 1 : factor);
        sum += cross && value > 9 ? value - 9 : value;
    }
    return sum % 10 == 0;
}

static bool is_card(const uint8_t *digits, uint32_t count)
{
    if (count < CARD_DIGITS_MIN || count > CARD_DIGITS_MAX || !checks(digits, count, 2, true))
        return false;
    if (count <= 14 && checks(digits, count, 3, false))
        return false;
    unsigned prefix = digits[0] * 1000u + digits[1] * 100u + digits[2] * 10u + digits[3];
    for (size_t i = 0; i < sizeof issuers / sizeof issuers[0]; i++) {
        if (prefix >= issuers[i].first && prefix <= issuers[i].last &&
            count >= issuers[i].digits_min && count <= issuers[i].digits_max)
            return true;
    }
    return false;
}

/* Whether a word read from `near` away from a number is of hexadecimal digits only, letters among
 * them, and has at least `least` of them: then it and the number are one id. */
static bool is_id_rest(const unsigned char *near, ptrdiff_t step, uint64_t bytes, uint64_t least)
{
    bool letters = false;
    ptrdiff_t end = (ptrdiff_t)(bytes < ID_DIGITS ? bytes : ID_DIGITS);
    ptrdiff_t length = 0;
    for (; length < end; length++) {
        unsigned char c = near[length * step];
        if (is_hex_letter(c))
            letters = true;
        else if (is_letter(c))
            return false;
        else if (!is_digit(c))
            break;
    }
    return letters && (uint64_t)length >= least;
}

/* Whether a number may begin at `at` (a digit) or end before it, by what stands there. */
static bool begins(const unsigned char *data, uint64_t at)
{
    if (at == 0)
        return true;
    unsigned char before = data[at - 1];
    if (before == '.')
        return at < 2 || !is_digit(data[at - 2]);
    if (before == '-' && at > 1)
        return !is_id_rest(data + at - 2, -1, at - 1, ID_GROUP);
    return !is_digit(before) && !is_id_rest(data + at - 1, -1, at, 1);
}

static bool ends(const unsigned char *data, uint64_t bytes, uint64_t at)
{
    if (at == bytes)
        return true;
    uint64_t left = bytes - at;
    if (data[at] == '.')
        return left < 2 || !is_digit(data[at + 1]);
    if (data[at] == '-' && left > 1)
        return !is_id_rest(data + at + 1, 1, left - 1, ID_GROUP);
    return !is_digit(data[at]) && !is_id_rest(data + at, 1, left, 1);
}

/*
 * Whether a card number begins at `start`. Digits are collected over single gaps, and tried where
 * a group of them ends: what follows after one more gap may be something else, such as a year.
 */
static bool card_at(const unsigned char *data, uint64_t bytes, uint64_t start)
{
    uint8_t digits[CARD_DIGITS_MAX];
    uint32_t count = 0;
    uint64_t at = start;
    while (at < bytes && count < CARD_DIGITS_MAX && is_digit(data[at])) {
        digits[count++] = (uint8_t)(data[at++] - '0');
        if (ends(data, bytes, at) && is_card(digits, count))
            return true;
        if (at + 1 < bytes && is_gap(data[at]) && is_digit(data[at + 1]))
            at++;
    }
    return false;
}

bool hf__text_has_card_number(const void *data, uint64_t bytes)
{
    const unsigned char *text = data;
    for (uint64_t at = 0; at < bytes; at++) {
        if (is_digit(text[at]) && begins(text, at) && card_at(text, bytes, at))
            return true;
    }
    return false;
}

void hf__text_clean(char *text, bool no_card_numbers)
{
    bool secret = no_card_numbers && hf__text_has_card_number(text, strlen(text));
    for (char *c = text; *c != '\0'; c++) {
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            *c = '?';
        else if (secret && is_digit((unsigned char)*c))
            *c = '*';
    }
}

/* Bytes of printable ASCII that a text begins with, at most one more than it may have. */
static uint32_t plain_bytes(const char *text)
{
    uint32_t at = 0;
    while (at <= HF_NAME_MAX && (unsigned char)(text[at] - ' ') <= '~' - ' ')
        at++;
    return at;
}

int hf__text_check(const char *text, bool required, uint32_t *bytes)
{
    uint32_t ignored;
    uint32_t *out = bytes == NULL ? &ignored : bytes;
    *out = 0;
    if (text == NULL || text[0] == '\0')
        return required ? HF_E_TEXT_MISSING : 0;
    const unsigned char *data = (const unsigned char *)text;
    uint32_t length = plain_bytes(text);
    if (length > HF_NAME_MAX || text[length] != '\0') { /* nearly all are short and plain */
        length = (uint32_t)strnlen(text, HF_NAME_MAX + 1);
        if (length > HF_NAME_MAX)
            return HF_E_TEXT_LONG;
        int error = check_characters(data, length);
        if (error != 0)
            return error;
    }
    *out = length;
    return 0;
}

void hf__name_set(hf_name *name, const char *text)
{
    hf_name made = {.text = {0}};
    for (uint32_t at = 0; text != NULL && at < HF_NAME_MAX && text[at] != '\0'; at++)
        made.text[at] = text[at];
    *name = made; /* by way of a copy: text may be the name's own */
}

void hf__name_print(hf_name *out, const char *format, ...)
{
    memset(out, 0, sizeof *out);
    va_list arguments;
    va_start(arguments, format);
    int printed = vsnprintf(out->text, sizeof out->text, format, arguments);
    va_end(arguments);
    hf__text_end(out->text, sizeof out->text, printed);
    size_t end = strlen(out->text);
    memset(out->text + end, 0, sizeof out->text - end);
}

bool hf__name_is(const hf_name *name, const char *text)
{
    return strncmp(name->text, text == NULL ? "" : text, sizeof name->text) == 0;
}
