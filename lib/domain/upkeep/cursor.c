/*
 * cursor.c - how far a consumer of events has come.
 *
 * A cursor is the consumer's own bookkeeping, so moving it writes no event: a consumer that stores
 * its position after each page would otherwise find one more event behind it each time, for ever.
 * What a person does to a cursor, resetting or removing it, is an event.
 *
 * A cursor never passes the last event: what has not happened was not handled, and a cursor far
 * ahead could not be moved any more.
 *
 * Failure modes: HF_E_SEQ_AHEAD and HF_E_CURSOR_BACK, both numbers named; HF_E_NOT_FOUND.
 */
#include "domain/core/body.h"
#include "domain/core/common.h"
#include "domain/core/handlers.h"
#include "domain/core/load.h"

#define CURSOR 0u /* in hf__draft.loaded */

_Static_assert(offsetof(hf_cursor_put_args, consumer) == offsetof(hf_cursor_reset_args, consumer) &&
                   offsetof(hf_cursor_put_args, consumer) ==
                       offsetof(hf_cursor_remove_args, consumer),
               "arguments that name a consumer have it at one offset");

/* The key of a consumer's cursor. */
static hf_cursor key_of(const char *consumer)
{
    hf_cursor key = {.seq = 0};
    hf__name_set(&key.consumer, consumer);
    return key;
}

void hf__load_cursor(const hf__operation *op, hf__draft *draft)
{
    const hf_cursor key = key_of(HF__ARGS(op, hf_cursor_put_args)->consumer);
    draft->loaded[CURSOR] = hf__draft_load(draft, HF__CURSORS, &key);
}

static const hf_cursor *stored_cursor(const hf__draft *draft)
{
    return hf__loaded(draft, draft->loaded[CURSOR]);
}

/* Refuses the number of an event that was not written yet. */
static int check_happened(const hf__draft *draft, const char *consumer, uint64_t seq)
{
    if (seq < draft->event_seq)
        return 0;
    return hf__refuse(draft->detail, HF_E_SEQ_AHEAD, "cursor %s: %llu, the last event is %llu",
                      consumer, (unsigned long long)seq,
                      (unsigned long long)(draft->event_seq - 1));
}

static int refuse_unknown(const hf__draft *draft, const char *consumer)
{
    return hf__refuse(draft->detail, HF_E_NOT_FOUND, "no cursor %s", consumer);
}

/* The event of what a person did to a cursor, and the position that it has now or had last. */
static int note_act(hf__draft *draft, const hf_cursor *cursor)
{
    static const hf_account_ref world;
    hf__subject_set(draft, HF_SUBJECT_CURSOR, NULL, 0);
    return hf__body_add(draft, &(hf__change){.type = HF_CHANGE_NOTE,
                                             .subject_kind = HF_SUBJECT_CURSOR,
                                             .from = &world,
                                             .amount = (int64_t)cursor->seq,
                                             .text = &cursor->consumer});
}

int hf__decide_cursor_put(const hf__operation *op, hf__draft *draft)
{
    const hf_cursor_put_args *args = HF__ARGS(op, hf_cursor_put_args);
    const hf_cursor *stored = stored_cursor(draft);
    const hf_cursor key = key_of(args->consumer);
    int error = check_happened(draft, args->consumer, args->seq);
    if (error != 0)
        return error;
    if (stored != NULL && args->seq < stored->seq)
        return hf__refuse(draft->detail, HF_E_CURSOR_BACK, "cursor %s: at %llu, not back to %llu",
                          stored->consumer.text, (unsigned long long)stored->seq,
                          (unsigned long long)args->seq);
    void *row;
    error = hf__loaded_put(draft, draft->loaded[CURSOR], HF__CURSORS, &key, &row);
    if (error != 0)
        return error;
    hf_cursor *cursor = row;
    cursor->seq = args->seq;
    cursor->updated_at_ms = draft->now_ms;
    draft->quiet = 1;
    draft->result = cursor;
    return 0;
}

int hf__decide_cursor_reset(const hf__operation *op, hf__draft *draft)
{
    const hf_cursor_reset_args *args = HF__ARGS(op, hf_cursor_reset_args);
    if (stored_cursor(draft) == NULL)
        return refuse_unknown(draft, args->consumer);
    void *row;
    int error = check_happened(draft, args->consumer, args->seq);
    if (error == 0)
        error = hf__loaded_edit(draft, draft->loaded[CURSOR], &row);
    if (error != 0)
        return error;
    hf_cursor *cursor = row;
    draft->result = cursor;
    draft->quiet = cursor->seq == args->seq;
    if (draft->quiet)
        return 0;
    cursor->seq = args->seq;
    cursor->updated_at_ms = draft->now_ms;
    return note_act(draft, cursor);
}

int hf__decide_cursor_remove(const hf__operation *op, hf__draft *draft)
{
    const hf_cursor_remove_args *args = HF__ARGS(op, hf_cursor_remove_args);
    const hf_cursor *stored = stored_cursor(draft);
    if (stored == NULL)
        return refuse_unknown(draft, args->consumer);
    const hf_cursor *cursor = hf__arena_copy(draft->arena, stored, sizeof *cursor);
    if (cursor == NULL)
        return HF_E_NOMEM;
    draft->result = cursor;
    int error = note_act(draft, cursor);
    return error != 0 ? error : hf__draft_del(draft, HF__CURSORS, stored);
}
