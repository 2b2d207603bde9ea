/*
 * text.h - key texts and texts for people: checked or cleaned once, bounded everywhere.
 */
#ifndef HF_BASE_TEXT_H
#define HF_BASE_TEXT_H

#include <holdfast/error.h>
#include <stdbool.h>
#include <string.h>

#define HF__DETAIL_MAX 480 /* as hf_store_error.text: none of it is cut on its way to the host */

/* A bounded text for people; always NUL-terminated, cut at a character when it does not fit. */
typedef struct hf__detail {
    char text[HF__DETAIL_MAX];
} hf__detail;

/* Sets the detail and returns `error`, so that a refusal is one line. */
int hf__refuse(hf__detail *detail, int error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Ends what vsnprintf printed into text[size] and returned as `printed`: cut between characters. */
void hf__text_end(char *text, size_t size, int printed);

/*
 * Checks a key text: 0, HF_E_TEXT_MISSING (NULL or empty when required), HF_E_TEXT_LONG,
 * HF_E_TEXT_UTF8, HF_E_TEXT_CONTROL (C0, DEL, C1), in this order. *bytes gets its length, 0 when
 * refused; it may be NULL. Digits are never looked at: a key may be the number of a gift card, a
 * phone or a payment.
 */
int hf__text_check(const char *text, bool required, uint32_t *bytes);

/*
 * True when `bytes` of `data` contain what looks like a card number: 13 to 19 digits, single spaces
 * and dashes between them allowed, that begin like an issuer's, have a length of that issuer, and
 * pass Luhn. Not taken for one: a product number (13 or 14 digits with a right GTIN check digit),
 * a part of a word of hexadecimal digits or of a UUID, digits on either side of a decimal point.
 */
bool hf__text_has_card_number(const void *data, uint64_t bytes);

/*
 * Makes one line of a text for people: control characters become '?'. With `no_card_numbers` the
 * digits of a text in which hf__text_has_card_number finds one become '*', all of them.
 */
void hf__text_clean(char *text, bool no_card_numbers);

/* Copies a checked text into a name, padded with NUL; NULL makes it empty. */
void hf__name_set(hf_name *name, const char *text);

/* Prints into a name, cut between characters. */
void hf__name_print(hf_name *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A word of eight bytes of text, its first byte the lowest. */
static inline uint64_t hf__text_word(const void *text)
{
    uint64_t word;
    memcpy(&word, text, sizeof word);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
}

/* The lowest NUL of a word is the lowest byte with a bit here; 0 when it has none. */
static inline uint64_t hf__text_nul(uint64_t word)
{
    return (word - UINT64_C(0x0101010101010101)) & ~word & UINT64_C(0x8080808080808080);
}

/* Bytes of a name without its NUL; a name without a NUL has the full size. */
static inline uint32_t hf__name_bytes(const void *name)
{
    for (uint32_t at = 0; at < sizeof(hf_name); at += 8) {
        uint64_t nul = hf__text_nul(hf__text_word((const uint8_t *)name + at));
        if (nul != 0)
            return at + (uint32_t)__builtin_ctzll(nul) / 8;
    }
    return HF_NAME_MAX;
}

/*
 * Copies a name and returns its bytes, NUL not counted. Whole words are copied, since names are
 * short: `out` has the capacity of a name.
 */
static inline uint32_t hf__name_copy(void *out, const void *name)
{
    for (uint32_t at = 0; at < sizeof(hf_name); at += 8) {
        memcpy((uint8_t *)out + at, (const uint8_t *)name + at, 8);
        uint64_t nul = hf__text_nul(hf__text_word((const uint8_t *)name + at));
        if (nul != 0)
            return at + (uint32_t)__builtin_ctzll(nul) / 8;
    }
    return HF_NAME_MAX;
}

/* True when both hold the same text. */
static inline bool hf__name_equal(const hf_name *a, const hf_name *b)
{
    return memcmp(a->text, b->text, sizeof a->text) == 0;
}

bool hf__name_is(const hf_name *name, const char *text);

static inline bool hf__name_empty(const hf_name *name)
{
    return name->text[0] == '\0';
}

#endif
