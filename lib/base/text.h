/*
 * text.h - key texts and the texts of details: checked once at the door, bounded everywhere.
 */
#ifndef HF_BASE_TEXT_H
#define HF_BASE_TEXT_H

#include <holdfast/error.h>
#include <stdbool.h>

#define HF__DETAIL_MAX 240

/* A bounded text for people; always NUL-terminated, cut at a character when it does not fit. */
typedef struct hf__detail {
    char text[HF__DETAIL_MAX];
} hf__detail;

/* Sets the detail and returns `error`, so that a refusal is one line. */
int hf__refuse(hf__detail *detail, int error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/*
 * Checks a key text: 0, HF_E_TEXT_MISSING (NULL or empty when required), HF_E_TEXT_LONG,
 * HF_E_TEXT_UTF8, HF_E_TEXT_CONTROL (C0, DEL, C1), HF_E_CARD_NUMBER. *bytes gets its length.
 */
int hf__text_check(const char *text, bool required, uint32_t *bytes);

/* True when `bytes` of `data` contain 13 to 19 digits (spaces and dashes allowed) that pass Luhn.
 */
bool hf__text_has_card_number(const void *data, uint64_t bytes);

/* Copies a checked text into a name, padded with NUL; NULL makes it empty. */
void hf__name_set(hf_name *name, const char *text);

/* True when both hold the same text. */
bool hf__name_equal(const hf_name *a, const hf_name *b);
bool hf__name_is(const hf_name *name, const char *text);
bool hf__name_empty(const hf_name *name);

#endif
