/*
 * digest.c - a digest of JSON: SHA-256 of the compact text with sorted names.
 */
#include "digest.h"
#include "common/ops_walk.h"

#include <sodium.h>
#include <string.h>

enum { USUAL_BYTES = 2048 }; /* a larger text is written twice */

const char *digest_text(exchange *x, const json_t *value, size_t flags)
{
    size_t capacity = USUAL_BYTES, bytes;
    char *text = ops_block(&x->memory, capacity + 1, 1);
    while ((bytes = json_dumpb(value, text, capacity, flags)) > capacity) {
        capacity = bytes;
        text = ops_block(&x->memory, capacity + 1, 1);
    }
    return text;
}

void digest_json(exchange *x, const json_t *value, char out[DIGEST_TEXT])
{
    unsigned char hash[crypto_hash_sha256_BYTES];
    const char *text = digest_text(x, value, JSON_COMPACT | JSON_SORT_KEYS);
    _Static_assert(2 * sizeof(hash) + 1 == DIGEST_TEXT, "the text has all digits");
    (void)crypto_hash_sha256(hash, (const unsigned char *)text, strlen(text));
    (void)sodium_bin2hex(out, DIGEST_TEXT, hash, sizeof(hash));
}
