/*
 * libFuzzer target: the LMDB page walker over any bytes.
 *
 * The walker must end, ask only for bytes inside the file, and touch only its own block, which is
 * exactly as large as it asked for, so that the address sanitizer sees a byte too many. Not part of
 * the normal build:
 *
 *     clang -std=c11 -D_POSIX_C_SOURCE=200809L -g -O1 -fsanitize=fuzzer,address,undefined -Ilib \
 *         lib/store/lmdb/walker/*.c tests/fuzz/fuzz_walker.c -o /tmp/fuzz_walker
 *     /tmp/fuzz_walker -max_len=131072 -max_total_time=60 CORPUS
 *
 * A useful corpus is a few small LMDB files. Random bytes seldom have two good meta pages, so the
 * first byte decides whether the fixed fields of both are put right first.
 */
#include "store/lmdb/walker/walker.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PAGE ((size_t)4096)

struct input {
    const uint8_t *bytes;
    size_t size;
    uint64_t reads;
};

static int read_at(void *ctx, void *buf, size_t n, uint64_t offset)
{
    struct input *input = ctx;
    if (offset > input->size || n > input->size - offset)
        abort(); /* the walker promises not to ask for it */
    memcpy(buf, input->bytes + offset, n);
    /* Each page is read at most once as a page, and free lists in pieces of at most a page. */
    if (++input->reads > 4 * (input->size / PAGE) + 16)
        abort();
    return 0;
}

static void *block_alloc(void *ctx, size_t n)
{
    (void)ctx;
    return n < (size_t)1 << 28 ? malloc(n) : NULL;
}

static void block_free(void *ctx, void *block)
{
    (void)ctx;
    free(block);
}

static void put(uint8_t *at, uint64_t value, size_t n)
{
    memcpy(at, &value, n);
}

/* What an LMDB of 4096-byte pages writes into both meta pages and never changes. */
static void mend_meta(uint8_t *page, uint64_t number)
{
    put(page, number, 8);
    put(page + 10, 0x08, 2);
    put(page + 16, 0xBEEFC0DE, 4);
    put(page + 20, 1, 4);
    put(page + 32, (uint64_t)1 << 30, 8);
    put(page + 40, PAGE, 4);
    put(page + 44, 0x08, 2);
    put(page + 88, 0, 6);
    put(page + 144, 6 + number, 8);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    uint8_t *copy = malloc(size);
    if (copy == NULL)
        return 0;
    memcpy(copy, data + 1, size - 1);
    size--;
    if ((data[0] & 1) != 0 && size >= 2 * PAGE) {
        mend_meta(copy, 0);
        mend_meta(copy + PAGE, 1);
    }
    struct input input = {.bytes = copy, .size = size};
    struct hf__walk_params params = {
        .read_at = read_at,
        .read_ctx = &input,
        .alloc = block_alloc,
        .free = block_free,
        .file_size = size,
    };
    struct hf__walk_report report;
    int rc = hf__walk(&params, &report);
    if (rc == HF__WALK_READ_FAILED || (rc == HF__WALK_SOUND) != (report.reason == HF__WALK_NONE)) {
        if (rc != HF__WALK_NO_MEMORY)
            abort();
    }
    free(copy);
    return 0;
}
