/*
 * nodes.c - lists the engines of a store: who is alive, and which shards each drives.
 *
 * On a store that belongs to one engine at a time only this tool has it open, so a node that is
 * there ended without closing.
 */
#include "cli.h"
#include "common/columns.h"
#include "record.h"

#include <stdio.h>

enum { PAGE_MAX = 256 };

static table *make_table(void)
{
    static const table_column columns[] = {
        {"name", CELL_TEXT},   {"role", CELL_TEXT},     {"address", CELL_TEXT},
        {"alive", CELL_BOOL},  {"draining", CELL_BOOL}, {"drives", CELL_BOOL},
        {"shards", CELL_TEXT}, {"started", CELL_TEXT},  {"expires", CELL_TEXT},
    };
    return table_create("nodes", columns, sizeof(columns) / sizeof(columns[0]));
}

/* "0-21,40"; `text` has room for every other one of them. */
static void shards_text(uint64_t shards, char *text, size_t bytes)
{
    size_t used = 0;
    text[0] = '\0';
    for (int first = 0; first < HF_SHARDS; first++) {
        int last = first;
        if ((shards >> first & 1) == 0)
            continue;
        while (last + 1 < HF_SHARDS && (shards >> (last + 1) & 1) != 0)
            last++;
        int printed = snprintf(text + used, bytes - used, last > first ? "%s%d-%d" : "%s%d",
                               used == 0 ? "" : ",", first, last);
        used += printed > 0 ? (size_t)printed : 0;
        first = last;
    }
}

static void put_node(table *t, const hf_node_view *view)
{
    char shards[HF_SHARDS * 3];
    char time[TIME_TEXT];
    const hf_node *node = view->node;
    shards_text(view->shards, shards, sizeof(shards));
    table_row(t);
    table_text(t, node->name.text);
    table_text(t, node->role.text);
    table_text(t, node->address.text);
    table_number(t, view->alive);
    table_number(t, node->draining);
    table_number(t, node->drives);
    table_text(t, shards);
    table_text(t, time_text(node->started_ms, time));
    table_text(t, time_text(node->expires_ms, time));
}

static int read_pages(session *s, table *t)
{
    hf_nodes_list_args args;
    hf_name after;
    hf_nodes_list_init(&args);
    args.limit = PAGE_MAX;
    for (bool at_end = false; !at_end;) {
        hf_completion done;
        session_call(s, HF_OP_NODES_LIST, &args, &done);
        if (done.status != 0)
            return fail_with("nodes", done.status, done.detail);
        const hf_node_page *page = done.result;
        for (uint32_t i = 0; i < page->count; i++)
            put_node(t, &page->rows[i]);
        after = page->next;
        args.after = after.text;
        at_end = page->at_end != 0;
    }
    return EXIT_DONE;
}

int command_nodes(const options *opt)
{
    session s;
    int result = session_read(&s, opt);
    if (result != EXIT_DONE)
        return result;
    table *t = make_table();
    result = read_pages(&s, t);
    session_close(&s);
    if (!tables_print(stdout, &t, 1, opt->json))
        result = fail(EXIT_OUTPUT, "the table could not be printed");
    table_destroy(t);
    return finish_output(result);
}
