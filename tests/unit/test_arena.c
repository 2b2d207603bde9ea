/* The arena: alignment, its end, marks. */
#include "base/invariant.h"
#include "base/structures/arena.h"
#include "support/broken.h"
#include "support/check_main.h"

#include <string.h>

static _Alignas(16) uint8_t memory[256];

START_TEST(blocks_are_aligned_and_do_not_overlap)
{
    hf__arena arena;
    hf__arena_init(&arena, memory, sizeof memory);
    uint8_t *end = memory;
    for (size_t bytes = 1; bytes < 20; bytes++) {
        uint8_t *block = hf__arena_alloc(&arena, bytes);
        ck_assert_ptr_nonnull(block);
        ck_assert_uint_eq((uintptr_t)block % 16, 0);
        ck_assert(block >= end);
        end = block + bytes;
        if (arena.capacity - arena.used < 32)
            break;
    }
    ck_assert(end <= memory + sizeof memory);
}
END_TEST

START_TEST(blocks_are_aligned_in_unaligned_memory)
{
    hf__arena arena;
    hf__arena_init(&arena, memory + _i, 64);
    uint8_t *block = hf__arena_alloc(&arena, 1);
    ck_assert_uint_eq((uintptr_t)block % 16, 0);
    ck_assert(block >= memory + _i && block - (memory + _i) < 16);
    ck_assert(arena.memory + arena.capacity <= memory + _i + 64);
}
END_TEST

START_TEST(what_does_not_fit_is_null_and_changes_nothing)
{
    hf__arena arena;
    hf__arena_init(&arena, memory, 64);
    ck_assert_ptr_nonnull(hf__arena_alloc(&arena, 20));
    size_t used = arena.used;
    ck_assert_ptr_null(hf__arena_alloc(&arena, 33));
    ck_assert_ptr_null(hf__arena_alloc(&arena, SIZE_MAX));
    ck_assert_ptr_null(hf__arena_alloc(&arena, SIZE_MAX - 7));
    ck_assert_ptr_null(hf__arena_zalloc(&arena, 33));
    ck_assert_ptr_null(hf__arena_copy(&arena, memory, 33));
    ck_assert_uint_eq(arena.used, used);
    ck_assert_ptr_nonnull(hf__arena_alloc(&arena, 32));
    ck_assert_uint_eq(arena.used, 64);
}
END_TEST

START_TEST(the_last_block_needs_no_padding)
{
    hf__arena arena;
    hf__arena_init(&arena, memory, 21);
    ck_assert_ptr_nonnull(hf__arena_alloc(&arena, 16));
    ck_assert_ptr_nonnull(hf__arena_alloc(&arena, 5));
    ck_assert_uint_eq(arena.used, 21);
    ck_assert_ptr_null(hf__arena_alloc(&arena, 1));
}
END_TEST

START_TEST(zero_bytes_give_a_pointer_and_take_nothing)
{
    hf__arena arena;
    hf__arena_init(&arena, memory, 16);
    ck_assert_ptr_nonnull(hf__arena_alloc(&arena, 0));
    ck_assert_ptr_nonnull(hf__arena_copy(&arena, NULL, 0));
    ck_assert_uint_eq(arena.used, 0);
    ck_assert_ptr_nonnull(hf__arena_alloc(&arena, 16));
    ck_assert_ptr_nonnull(hf__arena_alloc(&arena, 0));
}
END_TEST

START_TEST(an_arena_without_memory_is_full)
{
    hf__arena arena;
    hf__arena_init(&arena, NULL, 100);
    ck_assert_ptr_null(hf__arena_alloc(&arena, 1));
    hf__arena_init(&arena, memory + 1, 3);
    ck_assert_ptr_null(hf__arena_alloc(&arena, 1));
}
END_TEST

START_TEST(zalloc_zeroes_and_copy_copies)
{
    hf__arena arena;
    memset(memory, 0xa5, sizeof memory);
    hf__arena_init(&arena, memory, sizeof memory);
    const uint8_t zeros[20] = {0};
    ck_assert_mem_eq(hf__arena_zalloc(&arena, 20), zeros, 20);
    const char *copy = hf__arena_copy(&arena, "hold", 5);
    ck_assert_str_eq(copy, "hold");
}
END_TEST

START_TEST(reset_frees_what_came_after_the_mark)
{
    hf__arena arena;
    hf__arena_init(&arena, memory, sizeof memory);
    (void)hf__arena_alloc(&arena, 10);
    size_t mark = arena.used;
    void *first = hf__arena_alloc(&arena, 30);
    hf__arena_reset(&arena, mark);
    ck_assert_ptr_eq(hf__arena_alloc(&arena, 5), first);
    hf__arena_reset(&arena, 0);
    ck_assert_ptr_eq(hf__arena_alloc(&arena, 5), memory);
}
END_TEST

START_TEST(a_mark_from_the_future_breaks_an_invariant)
{
    hf__arena arena;
    hf__arena_init(&arena, memory, sizeof memory);
    (void)hf__arena_alloc(&arena, 16);
    hf__arena_reset(&arena, 17);
    ck_assert_uint_eq(arena.used, 16);
    ck_assert_ptr_nonnull(hf__invariant_taken(HF__OF_SHARED));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("arena");
    TCase *core = tcase_create("core");
    tcase_add_test(core, blocks_are_aligned_and_do_not_overlap);
    tcase_add_loop_test(core, blocks_are_aligned_in_unaligned_memory, 0, 17);
    tcase_add_test(core, what_does_not_fit_is_null_and_changes_nothing);
    tcase_add_test(core, the_last_block_needs_no_padding);
    tcase_add_test(core, zero_bytes_give_a_pointer_and_take_nothing);
    tcase_add_test(core, an_arena_without_memory_is_full);
    tcase_add_test(core, zalloc_zeroes_and_copy_copies);
    tcase_add_test(core, reset_frees_what_came_after_the_mark);
    hf_test_add_breaking(core, a_mark_from_the_future_breaks_an_invariant);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
