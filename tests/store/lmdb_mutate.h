/*
 * Random damage to LMDB files, for the tests of the page walker.
 *
 * Blind damage (bits, bytes, pages lost or exchanged) is what disks do. Aimed damage changes one
 * field that LMDB trusts to a value near a limit, which blind damage seldom hits. A mutant is made
 * of one to three of them, all from one seed.
 */
#ifndef HF_TESTS_STORE_LMDB_MUTATE_H
#define HF_TESTS_STORE_LMDB_MUTATE_H

#include "lmdb_image.h"

static inline uint8_t *any_byte(const struct image *image, uint64_t *state)
{
    return image->bytes + below(state, image->size);
}

static inline uint8_t *any_page(const struct image *image, uint64_t *state)
{
    return image->bytes + below(state, image->size / PAGE) * PAGE;
}

/* A page that has, or had, one of these types; any page if none is found soon. */
static inline uint8_t *page_of_type(const struct image *image, uint64_t *state, unsigned types)
{
    uint8_t *page = any_page(image, state);
    for (unsigned tries = 0; tries < 60 && (get(page + AT_FLAGS, 2) & types) == 0; tries++)
        page = any_page(image, state);
    return page;
}

/* A value of n bytes that is likely to hurt: near the old one, a limit, a page number, or any. */
static inline void spoil(const struct image *image, uint64_t *state, uint8_t *at, size_t n)
{
    if (at < image->bytes || at + n > image->bytes + image->size)
        return;
    uint64_t old = get(at, n);
    uint64_t last = get(meta_at(image) + AT_META_LAST, 8);
    const uint64_t choices[] = {
        old + 1,
        old - 1,
        old + 2,
        old - 2,
        old ^ ((uint64_t)1 << below(state, 8 * n)),
        old * 2,
        old / 2,
        0,
        1,
        2,
        last,
        last + 1,
        PAGE,
        PAGE - 8,
        UINT64_MAX,
        0x7fffffff,
        0x7fff,
        0xffff,
        511,
        512,
        rnd(state),
        below(state, last + 2),
        below(state, PAGE),
        below(state, 64),
        old + 4096,
    };
    set(at, n, choices[below(state, sizeof choices / sizeof choices[0])]);
}

/* ---- Blind ------------------------------------------------------------------------------- */

static inline void flip_bits(struct image *image, uint64_t *state)
{
    for (uint64_t n = 1 + below(state, 8); n > 0; n--)
        *any_byte(image, state) ^= (uint8_t)(1U << below(state, 8));
}

static inline void set_bytes(struct image *image, uint64_t *state)
{
    for (uint64_t n = 1 + below(state, 16); n > 0; n--)
        *any_byte(image, state) = (uint8_t)rnd(state);
}

static inline void set_run(struct image *image, uint64_t *state)
{
    uint8_t *from = any_byte(image, state);
    size_t left = (size_t)(image->bytes + image->size - from);
    size_t n = below(state, 600);
    memset(from, (int)below(state, 256), n < left ? n : left);
}

static inline void cut_tail(struct image *image, uint64_t *state)
{
    uint64_t cut = below(state, 2) != 0 ? below(state, image->size) : PAGE * (1 + below(state, 9));
    if (cut < image->size)
        image->size -= cut;
}

static inline void zero_page(struct image *image, uint64_t *state)
{
    memset(any_page(image, state), 0, PAGE);
}

/* As a misdirected write does: the page carries another number. */
static inline void copy_page(struct image *image, uint64_t *state)
{
    const uint8_t *from = any_page(image, state);
    uint8_t *to = any_page(image, state);
    memmove(to, from, PAGE);
}

static inline void copy_page_renumbered(struct image *image, uint64_t *state)
{
    const uint8_t *from = page_of_type(image, state, BRANCH | LEAF);
    uint8_t *to = page_of_type(image, state, BRANCH | LEAF);
    uint64_t number = get(to + AT_PGNO, 8);
    memmove(to, from, PAGE);
    set(to + AT_PGNO, 8, number);
}

static inline void exchange_pages(struct image *image, uint64_t *state)
{
    uint8_t copy[PAGE];
    uint8_t *one = any_page(image, state);
    uint8_t *other = any_page(image, state);
    memcpy(copy, one, PAGE);
    memmove(one, other, PAGE);
    memcpy(other, copy, PAGE);
}

static inline void exchange_halves(struct image *image, uint64_t *state)
{
    /* A page of which only the first sectors were written. */
    size_t sectors = 512 * (1 + below(state, 7));
    uint8_t *one = any_page(image, state);
    const uint8_t *other = any_page(image, state);
    memmove(one + sectors, other + sectors, PAGE - sectors);
}

/* ---- Aimed ------------------------------------------------------------------------------- */

static inline void spoil_meta(struct image *image, uint64_t *state)
{
    /* offset, bytes: every field of a meta page but the unused address */
    static const uint8_t fields[][2] = {
        {0, 8},  {10, 2},  {16, 4},  {20, 4},  {32, 8},  {40, 4},  {44, 2},  {46, 2},
        {48, 8}, {56, 8},  {64, 8},  {72, 8},  {80, 8},  {88, 4},  {92, 2},  {94, 2},
        {96, 8}, {104, 8}, {112, 8}, {120, 8}, {128, 8}, {136, 8}, {144, 8},
    };
    const uint8_t *field = fields[below(state, sizeof fields / sizeof fields[0])];
    uint8_t *meta = below(state, 4) != 0 ? meta_at(image) : image->bytes + PAGE * below(state, 2);
    spoil(image, state, meta + field[0], field[1]);
}

static inline void spoil_header(struct image *image, uint64_t *state)
{
    static const uint8_t fields[][2] = {{0, 8}, {8, 2}, {10, 2}, {12, 2}, {14, 2}, {12, 4}};
    const uint8_t *field = fields[below(state, sizeof fields / sizeof fields[0])];
    spoil(image, state, page_of_type(image, state, BRANCH | LEAF) + field[0], field[1]);
}

static inline void spoil_overflow(struct image *image, uint64_t *state)
{
    uint8_t *page = page_of_type(image, state, OVERFLOW_RUN);
    spoil(image, state, page + (below(state, 3) != 0 ? AT_PAGES : AT_FLAGS), 4);
}

static inline void spoil_offset(struct image *image, uint64_t *state)
{
    uint8_t *page = page_of_type(image, state, BRANCH | LEAF);
    spoil(image, state, page + AT_PTRS + 2 * below(state, page_keys(page) % 2048 + 1), 2);
}

/* A node of a page; only its offset is made sure of. */
static inline uint8_t *any_node(const struct image *image, uint64_t *state, unsigned types)
{
    uint8_t *page = page_of_type(image, state, types);
    uint64_t at = get(page + AT_PTRS + 2 * below(state, page_keys(page) % 2000 + 1), 2);
    return page + (at <= PAGE - NODE_KEY ? at : AT_PTRS);
}

static inline void spoil_node(struct image *image, uint64_t *state)
{
    static const uint8_t fields[][2] = {{0, 4}, {0, 2}, {0, 6}, {4, 2}, {6, 2}, {8, 8}, {8, 1}};
    const uint8_t *field = fields[below(state, sizeof fields / sizeof fields[0])];
    spoil(image, state, any_node(image, state, BRANCH | LEAF) + field[0], field[1]);
}

static inline void spoil_child(struct image *image, uint64_t *state)
{
    spoil(image, state, any_node(image, state, BRANCH), 6);
}

/* A node of a page, its value within the file, with these flags. */
static inline uint8_t *value_with(const struct image *image, uint64_t *state, uint64_t flags)
{
    uint8_t *node = any_node(image, state, LEAF);
    for (unsigned tries = 0; tries < 200 && get(node + NODE_FLAGS, 2) != flags; tries++)
        node = any_node(image, state, LEAF);
    uint8_t *value = node_value(node);
    return value + 64 < image->bytes + image->size ? value : node;
}

static inline void spoil_big_number(struct image *image, uint64_t *state)
{
    spoil(image, state, value_with(image, state, 1), 8);
}

static inline void spoil_record(struct image *image, uint64_t *state)
{
    static const uint8_t fields[][2] = {{0, 4},  {4, 2},  {6, 2},  {8, 8},
                                        {16, 8}, {24, 8}, {32, 8}, {40, 8}};
    const uint8_t *field = fields[below(state, sizeof fields / sizeof fields[0])];
    spoil(image, state, value_with(image, state, 2) + field[0], field[1]);
}

static inline void spoil_free_list(struct image *image, uint64_t *state)
{
    uint64_t root = get(meta_at(image) + AT_META_FREE + DB_ROOT, 8);
    if (root >= image->size / PAGE)
        return;
    uint8_t *page = image->bytes + root * PAGE;
    uint64_t at = get(page + AT_PTRS + 2 * below(state, page_keys(page) % 100 + 1), 2);
    if (at > PAGE - 64)
        return;
    uint8_t *value = page + at + NODE_KEY + 8;
    uint64_t count = get(page + at + NODE_FLAGS, 2) == 0 ? get(value, 8) % 64 : 0;
    spoil(image, state, value + 8 * below(state, count + 1), 8);
}

static const struct mutation {
    void (*apply)(struct image *image, uint64_t *state);
    const char *name;
} mutations[] = {
/* clang-format off */
#define M(apply) {apply, #apply}
    M(flip_bits), M(set_bytes), M(set_run), M(cut_tail), M(zero_page), M(copy_page),
    M(copy_page_renumbered), M(exchange_pages), M(exchange_halves), M(spoil_meta),
    M(spoil_header), M(spoil_overflow), M(spoil_offset), M(spoil_node), M(spoil_node),
    M(spoil_child), M(spoil_big_number), M(spoil_record), M(spoil_free_list),
#undef M
    /* clang-format on */
};
#define MUTATIONS (sizeof mutations / sizeof mutations[0])

/* Turns a sound file into a damaged one; names gets what was done to it. */
static inline void mutate(struct image *image, uint64_t seed, char *names, size_t size)
{
    uint64_t state = seed;
    uint64_t count = 1 + (below(&state, 4) == 0 ? below(&state, 3) : 0);
    names[0] = '\0';
    for (uint64_t i = 0; i < count && image->size >= 3 * PAGE; i++) {
        const struct mutation *mutation = &mutations[below(&state, MUTATIONS)];
        mutation->apply(image, &state);
        size_t used = strlen(names);
        snprintf(names + used, size - used, " %s", mutation->name);
    }
}

#endif
