/*
 * cursor.c - how far a consumer of events has come.
 *
 * A cursor is the consumer's own bookkeeping, so moving it writes no event: a consumer that stores
 * its place after each page would otherwise find one more event behind it each time, for ever.
 *
 * Failure modes: HF_E_CURSOR_BACK, both places named.
 */
#include "domain/common.h"
#include "domain/handlers.h"

int hf__decide_cursor_put(const hf__operation *op, hf__draft *draft)
{
    const hf_cursor_put_args *args = HF__ARGS(op, hf_cursor_put_args);
    hf_cursor key = {.seq = 0};
    hf__name_set(&key.consumer, args->consumer);
    void *row;
    int error = hf__draft_edit(draft, HF__CURSORS, &key, &row);
    if (error == 0 && row == NULL)
        error = hf__draft_add(draft, HF__CURSORS, &key, &row);
    if (error != 0)
        return error;
    hf_cursor *cursor = row;
    if (args->seq < cursor->seq)
        return hf__refuse(draft->detail, HF_E_CURSOR_BACK, "cursor %s: at %llu, not back to %llu",
                          cursor->consumer.text, (unsigned long long)cursor->seq,
                          (unsigned long long)args->seq);
    cursor->seq = args->seq;
    cursor->updated_at_ms = draft->now_ms;
    draft->quiet = 1;
    draft->result = cursor;
    return 0;
}
