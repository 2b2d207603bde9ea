#include "support/little_memory.h"
#include "base/invariant.h"

#include <stdlib.h>

#define OPERATIONS_MAX 150u /* of a test: the first ones, for it may run a million */
#define SIZES          5u   /* of arenas for each */

static hf__draft draft;
static hf__detail detail;

static int decide(const hf_test_fixture *fixture, const hf__operation *op, const hf__view *view,
                  hf__arena *arena)
{
    hf__draft_init(&draft, view, arena, &detail);
    draft.now_ms = fixture->draft.now_ms;
    draft.event_seq = fixture->draft.event_seq;
    draft.purged_until_ms = fixture->draft.purged_until_ms;
    draft.holding = fixture->draft.holding;
    return hf__decide(op, &draft);
}

/* A number below `limit`, each time another one and the same in each run. */
static size_t next_below(uint64_t *state, size_t limit)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (size_t)(*state >> 33) % limit;
}

static void check(const hf__operation *op, size_t bytes, int found, int expected)
{
    ck_assert_msg(found == HF_E_NOMEM || found == expected,
                  "operation %u with %zu bytes: %s instead of %s", op->type, bytes,
                  hf_error_name(found), hf_error_name(expected));
    ck_assert_msg(found != 0 || bytes != 0, "operation %u needs no memory", op->type);
    const char *broken = hf__invariant_taken(HF__OF_OPERATION);
    ck_assert_msg(broken == NULL, "operation %u with %zu bytes: %s", op->type, bytes, broken);
}

void hf_test_little_memory(hf_test_fixture *fixture, const hf__operation *op, const hf__view *view,
                           int status)
{
    static uint32_t operations;
    static uint64_t state;
    if (operations++ >= OPERATIONS_MAX)
        return;
    const size_t mark = fixture->arena.used;
    const size_t enough = 8 * mark + 65536; /* a refusal has released what it used before */
    uint8_t *memory = malloc(enough);
    ck_assert_ptr_nonnull(memory);
    hf__arena arena;
    hf__arena_init(&arena, memory, enough);
    ck_assert_int_eq(decide(fixture, op, view, &arena), status);
    const size_t needed = arena.used;
    for (uint32_t i = 0; i < SIZES && needed != 0; i++) {
        const size_t bytes = i == 0 ? 0 : next_below(&state, needed);
        hf__arena_reset(&fixture->arena, mark);
        hf__arena_init(&arena, memory, bytes);
        check(op, bytes, decide(fixture, op, view, &arena), status);
    }
    hf__arena_reset(&fixture->arena, mark);
    free(memory);
}
