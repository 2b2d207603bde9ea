/*
 * packed_result.c - packs the result of a read into one piece, and moves such a piece.
 *
 * A packed result begins with its struct. Behind a view lies its order, which most readers look at
 * first, and then, in the order of the view's members, each array of pointers followed by the rows
 * that it points to. Meta lies behind its row. All sizes are multiples of 8.
 */
#include "cache/packed_result.h"

#include <string.h>

#define POINTER sizeof(void *)

/* Where a table's row has its meta: a pointer, then the bytes as a uint64_t. */
typedef struct row_form {
    size_t bytes; /* of the row */
    size_t meta;  /* offset; 0: it has none */
} row_form;

static const row_form forms[HF__TABLE_COUNT] = {
    [HF__ACCOUNTS] = {sizeof(hf_account), offsetof(hf_account, meta)},
    [HF__ORDERS] = {sizeof(hf_order), offsetof(hf_order, meta)},
    [HF__HOLDS] = {sizeof(hf_hold), offsetof(hf_hold, meta)},
    [HF__PAYMENTS] = {sizeof(hf_payment), 0},
};

_Static_assert(offsetof(hf_account, meta_bytes) == offsetof(hf_account, meta) + POINTER, "meta");
_Static_assert(offsetof(hf_order, meta_bytes) == offsetof(hf_order, meta) + POINTER, "meta");
_Static_assert(offsetof(hf_hold, meta_bytes) == offsetof(hf_hold, meta) + POINTER, "meta");

/* One of the arrays of a view. */
typedef struct view_part {
    size_t array; /* offset of the pointer to it */
    size_t count; /* offset of the uint32_t that counts it */
    size_t bytes; /* of each row */
} view_part;

#define PART(member, counter, row)                                                                 \
    {                                                                                              \
        offsetof(hf_order_view, member), offsetof(hf_order_view, counter), sizeof(row)             \
    }

static const view_part parts[] = {
    PART(lines, line_count, hf_order_line),
    PART(legs, leg_count, hf_order_leg),
    PART(adjustments, adjustment_count, hf_adjustment),
    PART(payments, payment_count, hf_payment),
};

#define PARTS (sizeof parts / sizeof parts[0])

_Static_assert(sizeof(hf_order_line) % 8 == 0 && sizeof(hf_order_leg) % 8 == 0 &&
                   sizeof(hf_adjustment) % 8 == 0 && sizeof(hf_payment) % 8 == 0 &&
                   sizeof(hf_order) % 8 == 0 && sizeof(hf_order_view) % 8 == 0 &&
                   sizeof(hf_account) % 8 == 0 && sizeof(hf_hold) % 8 == 0,
               "what follows a row is aligned");

static const void *load(const void *at)
{
    const void *pointer;
    memcpy(&pointer, at, sizeof pointer);
    return pointer;
}

static void store(void *at, const void *pointer)
{
    memcpy(at, &pointer, sizeof pointer);
}

static uint32_t count_of(const void *view, const view_part *part)
{
    uint32_t count;
    memcpy(&count, (const uint8_t *)view + part->count, sizeof count);
    return count;
}

static uint64_t meta_bytes(const row_form *form, const void *row)
{
    uint64_t bytes = 0;
    if (form->meta != 0)
        memcpy(&bytes, (const uint8_t *)row + form->meta + POINTER, sizeof bytes);
    return bytes;
}

static size_t row_bytes(const row_form *form, const void *row)
{
    return form->bytes + (((size_t)meta_bytes(form, row) + 7) & ~(size_t)7);
}

size_t hf__result_bytes(uint32_t table, const void *result)
{
    if (table != HF__ORDERS)
        return row_bytes(&forms[table], result);
    const hf_order_view *view = result;
    size_t bytes = sizeof *view + row_bytes(&forms[HF__ORDERS], view->order);
    for (size_t i = 0; i < PARTS; i++)
        bytes += count_of(view, &parts[i]) * (POINTER + parts[i].bytes);
    return bytes;
}

/* Copies a row and its meta; returns what follows. */
static uint8_t *pack_row(const row_form *form, const void *row, uint8_t *to)
{
    const uint64_t bytes = meta_bytes(form, row);
    memcpy(to, row, form->bytes);
    if (bytes != 0)
        memcpy(to + form->bytes, load((const uint8_t *)row + form->meta), bytes);
    /* A longer meta was there before: nothing of it stays where erasing does not look. */
    memset(to + form->bytes + bytes, 0, row_bytes(form, row) - form->bytes - bytes);
    if (form->meta != 0)
        store(to + form->meta, bytes != 0 ? to + form->bytes : NULL);
    return to + row_bytes(form, row);
}

/* Copies an array and its rows; returns what follows. */
static uint8_t *pack_part(const view_part *part, const void *view, void *copy, uint8_t *to)
{
    const uint32_t count = count_of(view, part);
    const uint8_t *rows = load((const uint8_t *)view + part->array);
    uint8_t *row = to + count * POINTER;
    store((uint8_t *)copy + part->array, to);
    for (uint32_t i = 0; i < count; i++, row += part->bytes) {
        memcpy(row, load(rows + i * POINTER), part->bytes);
        store(to + i * POINTER, row);
    }
    return row;
}

void hf__result_pack(uint32_t table, const void *result, void *memory)
{
    if (table != HF__ORDERS) {
        (void)pack_row(&forms[table], result, memory);
        return;
    }
    const hf_order_view *view = result;
    hf_order_view *copy = memory;
    uint8_t *to = (uint8_t *)memory + sizeof *view;
    *copy = *view;
    copy->order = (const hf_order *)(const void *)to;
    to = pack_row(&forms[HF__ORDERS], view->order, to);
    for (size_t i = 0; i < PARTS; i++)
        to = pack_part(&parts[i], view, copy, to);
}

/* ---- Moving ---------------------------------------------------------------------------------- */

typedef struct move {
    const uint8_t *from;
    uint8_t *to;
} move;

/* Adjusts a pointer of the copy; returns what it points to there. */
static uint8_t *adjust(const move *by, void *at)
{
    uint8_t *there = by->to + ((const uint8_t *)load(at) - by->from);
    store(at, there);
    return there;
}

static void adjust_row(const move *by, const row_form *form, uint8_t *row)
{
    if (meta_bytes(form, row) != 0)
        (void)adjust(by, row + form->meta);
}

void hf__result_move(uint32_t table, const void *packed, size_t bytes, void *memory)
{
    const move by = {.from = packed, .to = memory};
    memcpy(memory, packed, bytes);
    if (table != HF__ORDERS) {
        adjust_row(&by, &forms[table], memory);
        return;
    }
    for (size_t i = 0; i < PARTS; i++) {
        uint8_t *pointers = adjust(&by, by.to + parts[i].array);
        for (uint32_t n = count_of(memory, &parts[i]); n > 0; n--, pointers += POINTER)
            (void)adjust(&by, pointers);
    }
    adjust_row(&by, &forms[HF__ORDERS], adjust(&by, by.to + offsetof(hf_order_view, order)));
}

/* ---- Erasing --------------------------------------------------------------------------------- */

static void erase_meta(const row_form *form, uint8_t *row)
{
    if (meta_bytes(form, row) != 0)
        memset(row + form->bytes, 0, meta_bytes(form, row));
}

void hf__result_erase(uint32_t table, void *packed)
{
    if (table != HF__ORDERS) {
        erase_meta(&forms[table], packed);
        return;
    }
    uint8_t *row = (uint8_t *)(uintptr_t)((const hf_order_view *)packed)->order;
    memset(row + offsetof(hf_order, customer), 0, sizeof(hf_name));
    memset(row + offsetof(hf_order, external_ref), 0, sizeof(hf_name));
    erase_meta(&forms[HF__ORDERS], row);
}
