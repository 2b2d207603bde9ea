#include "support/without.h"
#include "base/invariant.h"

#include <stdlib.h>

#define OPERATIONS_MAX 150u /* of a test: the first ones, for it may run a million */
#define TIMES          5u   /* arenas, and ranges that fail, of each */
#define FAILURE        HF_E_IO

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
static size_t next_below(size_t limit)
{
    static uint64_t state;
    state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (size_t)(state >> 33) % limit;
}

static void check_invariants(const hf__operation *op)
{
    const char *broken = hf__invariant_taken(HF__OF_OPERATION);
    ck_assert_msg(broken == NULL, "operation %u: %s", op->type, broken);
}

/* ---- Memory ---------------------------------------------------------------------------------- */

static void check_memory(const hf__operation *op, size_t bytes, int found, int expected)
{
    ck_assert_msg(found == HF_E_NOMEM || found == expected,
                  "operation %u with %zu bytes: %s instead of %s", op->type, bytes,
                  hf_error_name(found), hf_error_name(expected));
    ck_assert_msg(found != 0 || bytes != 0, "operation %u needs no memory", op->type);
    check_invariants(op);
}

/* ---- Ranges ---------------------------------------------------------------------------------- */

/* A view of which one range fails. Of single rows the engine reads what is missing by itself. */
typedef struct ranges {
    const hf__view *view;
    size_t count;
    size_t fails; /* which, from 1; 0: none */
} ranges;

static int get(void *context, const hf__key *key, const void **row)
{
    const ranges *of = context;
    return of->view->get(of->view->context, key, row);
}

static int scan(void *context, const hf_scan *range, uint32_t limit, hf__rows *out)
{
    ranges *of = context;
    if (++of->count == of->fails)
        return FAILURE;
    return of->view->scan(of->view->context, range, limit, out);
}

/* A rule that refuses in any case may do so first. */
static void check_range(const hf__operation *op, const ranges *of, int found, int expected)
{
    const bool refuses = expected < 0 && found == expected;
    ck_assert_msg(of->count < of->fails || found == FAILURE || refuses,
                  "operation %u whose range %zu failed: %s instead of %s: %s", op->type, of->fails,
                  hf_error_name(found), hf_error_name(FAILURE), detail.text);
    check_invariants(op);
}

/* ---- Both ------------------------------------------------------------------------------------ */

void hf_test_without(hf_test_fixture *fixture, const hf__operation *op, const hf__view *view,
                     int status)
{
    static uint32_t operations;
    if (operations++ >= OPERATIONS_MAX)
        return;
    const size_t mark = fixture->arena.used;
    const size_t enough = 8 * mark + 65536; /* a refusal has released what it used before */
    uint8_t *memory = malloc(enough);
    ck_assert_ptr_nonnull(memory);
    hf__arena arena;
    hf__arena_init(&arena, memory, enough);
    ranges of = {.view = view};
    const hf__view failing = {.get = get, .scan = scan, .context = &of};
    ck_assert_int_eq(decide(fixture, op, &failing, &arena), status);
    const size_t needed = arena.used;
    const size_t read = of.count;
    for (uint32_t i = 0; i < TIMES && needed != 0; i++) {
        const size_t bytes = i == 0 ? 0 : next_below(needed);
        hf__arena_reset(&fixture->arena, mark);
        hf__arena_init(&arena, memory, bytes);
        check_memory(op, bytes, decide(fixture, op, view, &arena), status);
    }
    for (uint32_t i = 0; i < TIMES && read != 0; i++) {
        of = (ranges){.view = view, .fails = 1 + next_below(read)};
        hf__arena_reset(&fixture->arena, mark);
        hf__arena_init(&arena, memory, enough);
        check_range(op, &of, decide(fixture, op, &failing, &arena), status);
    }
    hf__arena_reset(&fixture->arena, mark);
    free(memory);
}
