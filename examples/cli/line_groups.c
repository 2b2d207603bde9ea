/*
 * line_groups.c - groups of lines from their submission to their end.
 *
 * Happy path: an operation that was done is printed at once. A refusal is kept until the whole
 * group is answered: when one of its errors is RETRYABLE, nothing of the group has happened, and
 * the group is repeated instead of being refused.
 */
#include "line_groups.h"
#include "common/memory.h"

#include <stdlib.h>
#include <string.h>

line_group *line_groups_begin(line_groups *f)
{
    line_group *g = f->idle;
    if (g != NULL) {
        f->idle = g->next;
    } else {
        g = take_memory(1, sizeof(*g));
        f->all = grow_memory(f->all, &f->capacity, f->count + 1, sizeof(line_group *));
        g->index = (uint32_t)f->count;
        f->all[f->count++] = g;
    }
    g->text_bytes = 0;
    g->count = 0;
    g->next = NULL;
    line_group_reset(g);
    return g;
}

uint64_t line_group_add(line_group *g, uint64_t line, const char *text, size_t bytes)
{
    g->text = grow_memory(g->text, &g->text_capacity, g->text_bytes + bytes + 1, 1);
    memcpy(g->text + g->text_bytes, text, bytes);
    g->text[g->text_bytes + bytes] = '\0';
    g->text_bytes += bytes + 1;
    g->lines[g->count] = line;
    return (uint64_t)g->index * HF_CHAIN_MAX + g->count++;
}

bool line_groups_may_repeat(int error)
{
    return hf_error_class(error) == HF_CLASS_RETRYABLE && error != HF_E_CANCELLED &&
           error != HF_E_DRAINING;
}

void line_group_reset(line_group *g)
{
    for (uint32_t i = 0; g->refused != NULL && i < g->count; i++)
        free((void *)(uintptr_t)g->refused[i].detail);
    free(g->refused);
    g->refused = NULL;
    g->answered = 0;
    g->again = 0;
}

static void keep_refusal(line_group *g, uint32_t at, const hf_completion *done)
{
    if (g->refused == NULL)
        g->refused = take_memory(g->count, sizeof(*g->refused));
    g->refused[at] = *done;
    g->refused[at].result = NULL;
    g->refused[at].detail = copy_text(done->detail == NULL ? "" : done->detail);
    if (g->again == 0 && line_groups_may_repeat(done->status))
        g->again = done->status;
}

static void add_again(line_groups *f, line_group *g)
{
    if (f->again == NULL)
        f->again_last = &f->again;
    *f->again_last = g;
    f->again_last = &g->next;
    g->next = NULL;
}

void line_groups_end(line_groups *f, line_group *g)
{
    for (uint32_t i = 0; g->refused != NULL && i < g->count; i++)
        if (g->refused[i].status != 0) {
            g->refused[i].user_data = g->lines[i];
            answers_take(f->answers, &g->refused[i]);
        }
    line_group_reset(g);
    g->next = f->idle;
    f->idle = g;
}

void line_groups_answer(line_groups *f, const hf_completion *done)
{
    line_group *g = f->all[done->user_data / HF_CHAIN_MAX];
    uint32_t at = done->user_data % HF_CHAIN_MAX;
    if (done->status != 0) {
        keep_refusal(g, at, done);
    } else {
        hf_completion answered = *done;
        answered.user_data = g->lines[at];
        answers_take(f->answers, &answered);
    }
    if (++g->answered < g->count)
        return;
    if (g->again != 0)
        add_again(f, g);
    else
        line_groups_end(f, g);
}

line_group *line_groups_take_again(line_groups *f)
{
    line_group *first = f->again;
    f->again = NULL;
    return first;
}

uint64_t line_groups_first_again(const line_groups *f)
{
    uint64_t first = 0;
    for (const line_group *g = f->again; g != NULL; g = g->next)
        if (first == 0 || g->lines[0] < first)
            first = g->lines[0];
    return first;
}

void line_groups_fini(line_groups *f)
{
    for (size_t i = 0; i < f->count; i++) {
        line_group_reset(f->all[i]);
        free(f->all[i]->text);
        free(f->all[i]);
    }
    free(f->all);
}
