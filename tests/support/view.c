#define _GNU_SOURCE /* NOLINT(bugprone-reserved-identifier): MAP_ANONYMOUS */
#include "support/view.h"
#include "base/invariant.h"
#include "support/without.h"

#include "base/checksum.h"
#include "base/id.h"
#include "domain/ledger/movement.h"
#include "domain/lifecycle/expire.h"
#include "model/codec.h"

#include <holdfast/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define ARENA_BYTES ((size_t)32 << 20)
#define PASSES_MAX  100000u

/* A BYTES column as it stands in a row. */
typedef struct bytes_column {
    const void *data;
    uint64_t bytes;
} bytes_column;

static void *need(void *memory)
{
    ck_assert_ptr_nonnull(memory);
    return memory;
}

/* ---- rows ---- */

static const hf_table *table_of(uint32_t table)
{
    return hf__schema.tables[table];
}

static void *copy_row(uint32_t table, const void *row)
{
    const hf_table *of = table_of(table);
    uint8_t *copy = need(malloc(of->row_bytes));
    memcpy(copy, row, of->row_bytes);
    for (uint32_t i = 0; i < of->column_count; i++) {
        if (of->columns[i].type != HF_COLUMN_BYTES)
            continue;
        bytes_column value;
        memcpy(&value, copy + of->columns[i].offset, sizeof value);
        void *data = need(malloc(value.bytes + 1));
        if (value.bytes > 0)
            memcpy(data, value.data, value.bytes);
        value.data = data;
        memcpy(copy + of->columns[i].offset, &value, sizeof value);
    }
    return copy;
}

static void free_row(uint32_t table, void *row)
{
    const hf_table *of = table_of(table);
    for (uint32_t i = 0; i < of->column_count; i++) {
        if (of->columns[i].type != HF_COLUMN_BYTES)
            continue;
        void *data;
        memcpy(&data, (uint8_t *)row + of->columns[i].offset, sizeof data);
        free(data);
    }
    free(row);
}

/* Where the row with a key stands, or count. */
static size_t place_of(const hf_test_fixture *fixture, uint32_t table, const uint8_t *key,
                       uint32_t bytes)
{
    const uint64_t hash = hf__key_hash(table, key, bytes);
    for (size_t i = 0; i < fixture->count; i++) {
        const hf_test_stored *row = &fixture->rows[i];
        if (row->hash == hash && row->table == table && row->key_bytes == bytes &&
            memcmp(row->key, key, bytes) == 0)
            return i;
    }
    return fixture->count;
}

static size_t place_of_row(const hf_test_fixture *fixture, uint32_t table, const void *row)
{
    uint8_t key[HF__KEY_MAX];
    uint32_t bytes = hf__key_encode(table_of(table), HF__PRIMARY, row, HF__KEY_ALL, key);
    return place_of(fixture, table, key, bytes);
}

const void *hf_test_row_of(const hf_test_fixture *fixture, uint32_t table, const void *key)
{
    size_t place = place_of_row(fixture, table, key);
    return place == fixture->count ? NULL : fixture->rows[place].row;
}

static void free_stored(const hf_test_stored *stored)
{
    free(stored->key);
    free_row(stored->table, stored->row);
}

static void remove_row(hf_test_fixture *fixture, size_t place)
{
    fixture->gone = need(realloc(fixture->gone, (fixture->gone_count + 1) * sizeof *fixture->gone));
    fixture->gone[fixture->gone_count++] = fixture->rows[place];
    fixture->rows[place] = fixture->rows[--fixture->count];
}

void hf_test_put(hf_test_fixture *fixture, uint32_t table, const void *row)
{
    void *copy = copy_row(table, row);
    size_t place = place_of_row(fixture, table, row);
    if (place < fixture->count) {
        free_row(table, fixture->rows[place].row);
        fixture->rows[place].row = copy;
        return;
    }
    if (fixture->count == fixture->capacity) {
        fixture->capacity = fixture->capacity == 0 ? 64 : fixture->capacity * 2;
        fixture->rows = need(realloc(fixture->rows, fixture->capacity * sizeof *fixture->rows));
    }
    uint8_t key[HF__KEY_MAX];
    uint32_t bytes = hf__key_encode(table_of(table), HF__PRIMARY, row, HF__KEY_ALL, key);
    hf_test_stored *stored = &fixture->rows[fixture->count++];
    *stored = (hf_test_stored){
        .table = table, .key_bytes = bytes, .hash = hf__key_hash(table, key, bytes), .row = copy};
    stored->key = need(malloc(bytes));
    memcpy(stored->key, key, bytes);
}

size_t hf_test_rows(const hf_test_fixture *fixture, uint32_t table)
{
    size_t count = 0;
    for (size_t i = 0; i < fixture->count; i++)
        count += fixture->rows[i].table == table ? 1 : 0;
    return count;
}

/* ---- the view ---- */

/* True when an earlier pass of the running operation has asked for this. */
static bool known(hf_test_fixture *fixture, uint64_t hash)
{
    if (fixture->eager)
        return true;
    for (size_t i = 0; i < fixture->known_count; i++) {
        if (fixture->known[i] == hash)
            return i < fixture->loaded_count;
    }
    if (fixture->known_count == fixture->known_capacity) {
        fixture->known_capacity = fixture->known_capacity == 0 ? 64 : fixture->known_capacity * 2;
        fixture->known =
            need(realloc(fixture->known, fixture->known_capacity * sizeof *fixture->known));
    }
    fixture->known[fixture->known_count++] = hash;
    return false;
}

static int eager_get(void *context, const hf__key *key, const void **row)
{
    const hf_test_fixture *fixture = context;
    size_t place = place_of(fixture, key->table, key->bytes, key->byte_count);
    *row = place == fixture->count ? NULL : fixture->rows[place].row;
    return 0;
}

static int view_get(void *context, const hf__key *key, const void **row)
{
    hf_test_fixture *fixture = context;
    ck_assert(key->table < HF__TABLE_COUNT);
    ck_assert(key->hash == hf__key_hash(key->table, key->bytes, key->byte_count));
    return known(fixture, key->hash) ? eager_get(context, key, row) : HF__MISSING;
}

/* A row with its key in the index that is scanned. */
typedef struct entry {
    uint8_t key[HF__KEY_MAX];
    uint32_t bytes;
    const void *row;
} entry;

static int compare_entries(const void *a, const void *b)
{
    const entry *left = a;
    const entry *right = b;
    uint32_t bytes = left->bytes < right->bytes ? left->bytes : right->bytes;
    int order = memcmp(left->key, right->key, bytes);
    return order != 0 ? order : (left->bytes > right->bytes) - (left->bytes < right->bytes);
}

/* An entry against a bound: all keys that begin with the bound are equal to it. */
static int compare_bound(const entry *e, const uint8_t *bound, uint32_t bytes)
{
    uint32_t common = e->bytes < bytes ? e->bytes : bytes;
    int order = memcmp(e->key, bound, common);
    return order != 0 ? order : e->bytes < bytes ? -1 : 0;
}

static bool in_range(const hf_scan *scan, const entry *e)
{
    const hf_table *table = table_of(scan->table);
    uint8_t bound[HF__KEY_MAX];
    if (scan->low_columns > 0) {
        uint32_t bytes = hf__key_encode(table, scan->index, scan->low, scan->low_columns, bound);
        int order = compare_bound(e, bound, bytes);
        if (order < 0 || (order == 0 && scan->low_exclusive))
            return false;
    }
    if (scan->high_columns > 0) {
        uint32_t bytes = hf__key_encode(table, scan->index, scan->high, scan->high_columns, bound);
        int order = compare_bound(e, bound, bytes);
        if (order > 0 || (order == 0 && scan->high_exclusive))
            return false;
    }
    return true;
}

static uint64_t hash_of_scan(const hf_scan *scan, uint32_t limit)
{
    const hf_table *table = table_of(scan->table);
    uint8_t bytes[2 * HF__KEY_MAX + 32] = {0};
    uint32_t numbers[] = {
        scan->table,         scan->index,          scan->low_columns, scan->high_columns,
        scan->low_exclusive, scan->high_exclusive, scan->descending,  limit};
    memcpy(bytes, numbers, sizeof numbers);
    uint32_t at = sizeof numbers;
    if (scan->low_columns > 0)
        at += hf__key_encode(table, scan->index, scan->low, scan->low_columns, bytes + at);
    if (scan->high_columns > 0)
        at += hf__key_encode(table, scan->index, scan->high, scan->high_columns, bytes + at);
    return hf__hash64(bytes, at);
}

/* How many columns an index's key has: its own, then those of the primary key not among them. */
static uint32_t key_columns(const hf_table *table, uint32_t index)
{
    uint64_t all = 0;
    uint32_t count = 0;
    for (uint32_t i = 0; index != 0 && i < table->indexes[index - 1].column_count; i++)
        all |= UINT64_C(1) << table->indexes[index - 1].columns[i];
    for (uint32_t i = 0; i < table->key_count; i++)
        all |= UINT64_C(1) << table->key[i];
    for (; all != 0; all &= all - 1)
        count++;
    return count;
}

/* A store may read a bound as the row that it is, also the columns that are not set. */
static void read_bound(const hf_scan *scan, const void *bound, uint32_t columns)
{
    static volatile uint8_t seen;
    const uint8_t *bytes = bound;
    for (size_t i = 0; columns > 0 && i < table_of(scan->table)->row_bytes; i++)
        seen = bytes[i];
    (void)seen;
}

static int eager_scan(void *context, const hf_scan *scan, uint32_t limit, hf__rows *out)
{
    hf_test_fixture *fixture = context;
    uint32_t most = key_columns(table_of(scan->table), scan->index);
    ck_assert_uint_le(scan->low_columns, most); /* some stores refuse more, some do not look */
    ck_assert_uint_le(scan->high_columns, most);
    read_bound(scan, scan->low, scan->low_columns);
    read_bound(scan, scan->high, scan->high_columns);
    entry *entries = need(malloc((fixture->count + 1) * sizeof *entries));
    size_t count = 0;
    for (size_t i = 0; i < fixture->count; i++) {
        const hf_test_stored *stored = &fixture->rows[i];
        if (stored->table != scan->table ||
            !hf__index_has(table_of(scan->table), scan->index, stored->row))
            continue;
        entry *e = &entries[count];
        e->row = stored->row;
        e->bytes =
            hf__key_encode(table_of(scan->table), scan->index, stored->row, HF__KEY_ALL, e->key);
        count += in_range(scan, e) ? 1 : 0;
    }
    qsort(entries, count, sizeof *entries, compare_entries);
    uint32_t given = count < limit ? (uint32_t)count : limit;
    const void **rows = need(hf__arena_alloc(&fixture->arena, (given + 1) * sizeof *rows));
    for (uint32_t i = 0; i < given; i++)
        rows[i] = entries[scan->descending ? count - 1 - i : i].row;
    *out = (hf__rows){.rows = rows, .count = given, .more = count > limit ? 1 : 0};
    free(entries);
    return 0;
}

static int view_scan(void *context, const hf_scan *scan, uint32_t limit, hf__rows *out)
{
    const hf_test_fixture *fixture = context;
    if (!known(context, hash_of_scan(scan, limit)))
        return HF__MISSING;
    int error = eager_scan(context, scan, limit, out);
    if (error == 0 && fixture->on_scan != NULL)
        fixture->on_scan(fixture, scan, out->count);
    return error;
}

/* ---- running ---- */

static void *spare; /* arena that a fixture has left to the next one */

/*
 * Not from malloc: sanitizers mark all of a block when it is taken and when it is freed, and read
 * it for leaks, which took most of the time of tests with many fixtures.
 */
static void *take_arena(void)
{
    void *taken = spare;
    spare = NULL;
    if (taken != NULL)
        return taken;
    taken = mmap(NULL, ARENA_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ck_assert_ptr_ne(taken, MAP_FAILED);
    return taken;
}

static void leave_arena(void *memory)
{
    if (spare == NULL)
        spare = memory;
    else
        ck_assert_int_eq(munmap(memory, ARENA_BYTES), 0);
}

void hf_test_fixture_init(hf_test_fixture *fixture)
{
    *fixture = (hf_test_fixture){.now_ms = HF_TEST_START_MS};
    fixture->memory = take_arena();
    hf__arena_init(&fixture->arena, fixture->memory, ARENA_BYTES);
    fixture->view = (hf__view){.get = view_get, .scan = view_scan, .context = fixture};
    hf__name_set(&fixture->actor, "tester");
}

void hf_test_fixture_fini(hf_test_fixture *fixture)
{
    for (size_t i = 0; i < fixture->count; i++)
        free_stored(&fixture->rows[i]);
    for (size_t i = 0; i < fixture->gone_count; i++)
        free_stored(&fixture->gone[i]);
    free(fixture->gone);
    free(fixture->rows);
    free(fixture->known);
    leave_arena(fixture->memory);
}

hf_id hf_test_id(hf_test_fixture *fixture)
{
    hf_id id;
    char text[32];
    (void)snprintf(text, sizeof text, "id %llu", (unsigned long long)++fixture->made);
    ck_assert_int_eq(hf_id_from_key(fixture->now_ms, text, &id), 0);
    return id;
}

static void begin(hf_test_fixture *fixture)
{
    hf__arena_init(&fixture->arena, fixture->memory, ARENA_BYTES);
    hf__draft_init(&fixture->draft, &fixture->view, &fixture->arena, &fixture->detail);
    fixture->draft.now_ms = fixture->now_ms;
    fixture->draft.event_seq = fixture->event_seq + 1;
    fixture->draft.purged_until_ms = fixture->purged_until_ms;
    for (uint32_t i = 0; !fixture->holding.shared && i < HF_SHARDS; i++)
        fixture->holding.held.epochs[i] = fixture->epoch;
    fixture->draft.holding = &fixture->holding;
}

void hf_test_take_leases(hf_test_fixture *fixture, uint64_t epoch)
{
    for (uint32_t i = 0; i < HF_SHARDS; i++)
        hf_test_put(fixture, HF__LEASES, &(hf__lease){.shard = i, .epoch = epoch});
}

hf__draft *hf_test_draft(hf_test_fixture *fixture)
{
    begin(fixture);
    fixture->view.get = eager_get;
    fixture->view.scan = eager_scan;
    return &fixture->draft;
}

static void apply_rows(hf_test_fixture *fixture)
{
    for (uint32_t i = 0; i < fixture->draft.row_count; i++) {
        const hf__draft_row *row = &fixture->draft.rows[i];
        if (!row->changed)
            continue;
        size_t place = place_of(fixture, row->key.table, row->key.bytes, row->key.byte_count);
        if (row->row != NULL)
            hf_test_put(fixture, row->key.table, row->row);
        else if (place < fixture->count)
            remove_row(fixture, place);
    }
}

/* After the rows of a draft: its event is the last one, and retention may have moved. */
static void finish(hf_test_fixture *fixture)
{
    fixture->event_seq += fixture->draft.quiet ? 0 : 1;
    const hf__purge *ids = hf_test_row_of(fixture, HF__PURGES, &(hf__purge){.kind = HF__PURGE_IDS});
    fixture->purged_until_ms = ids == NULL ? 0 : ids->until_ms;
    hf_test_fixture_check(fixture);
}

void hf_test_apply(hf_test_fixture *fixture)
{
    const hf__draft *draft = &fixture->draft;
    hf_event event = {.seq = draft->event_seq, .at_ms = draft->now_ms, .body = draft->body};
    event.body_bytes = draft->body_bytes;
    if (!draft->quiet)
        hf_test_put(fixture, HF__EVENTS, &event);
    apply_rows(fixture);
    finish(fixture);
}

static uint64_t digest(const hf_test_fixture *fixture)
{
    uint64_t sum = fixture->count;
    for (size_t i = 0; i < fixture->count; i++)
        sum = sum * 31 +
              hf__hash64(fixture->rows[i].row, table_of(fixture->rows[i].table)->row_bytes);
    return sum;
}

/* Arguments are hashed as they lie in memory, without the id: tests repeat the same struct. */
static void fingerprint(const hf_op_head *args, uint32_t type, uint8_t out[16])
{
    uint8_t *copy = need(malloc(args->size + sizeof type));
    memcpy(copy, args, args->size);
    memset(copy + offsetof(hf_op_head, id), 0, sizeof(hf_id));
    memcpy(copy + args->size, &type, sizeof type);
    hf__hash128(copy, args->size + sizeof type, out);
    free(copy);
}

/* As the registry does it: hf_test_branch leaves what it would say in `reserved`. */
static const uint32_t *participants(uint32_t type, const void *args,
                                    uint32_t flags[HF_BRANCHES_MAX])
{
    const hf_txn_args *txn = args;
    if (type == HF_OP_TXN_BRANCH)
        flags[0] = ((const hf_txn_branch_args *)args)->branch.reserved;
    else if (type != HF_OP_TXN_SUBMIT && type != HF_OP_TXN_BEGIN)
        return NULL;
    else
        for (uint32_t i = 0; i < txn->branch_count && i < HF_BRANCHES_MAX; i++)
            flags[i] = txn->branches[i].reserved;
    return flags;
}

/* Decides until no row is missing. */
static int decide(hf_test_fixture *fixture, const hf__operation *op)
{
    const uint64_t before = digest(fixture);
    int status;
    fixture->known_count = 0;
    do {
        begin(fixture);
        fixture->loaded_count = fixture->known_count;
        status = hf__decide(op, &fixture->draft);
        ck_assert(fixture->passes++ < PASSES_MAX);
    } while (status == HF__MISSING);
    ck_assert_msg(digest(fixture) == before, "a decision wrote into stored rows");
    return status;
}

/* Applies an operation that was decided with `status`, when it is done. Returns the status. */
static int end(hf_test_fixture *fixture, const hf__operation *op, int status)
{
    const hf__view eager = {.get = eager_get, .scan = eager_scan, .context = fixture};
    hf_test_without(fixture, op, &eager, status);
    const char *broken = hf__invariant_taken(HF__OF_OPERATION);
    ck_assert_msg(broken == NULL, "broken invariant: %s", broken);
    if (status != 0)
        return status;
    apply_rows(fixture);
    finish(fixture);
    return 0;
}

/* What is due of an account that is short expires, as the engine does it. */
static void expire_first(hf_test_fixture *fixture)
{
    ck_assert_uint_eq(fixture->draft.sweep_type, HF_EVENT_EXPIRE);
    const hf__sweep_args args = {.head = {.size = sizeof args},
                                 .limit = HF__SWEEP_MOST,
                                 .account = fixture->draft.sweeps[0]};
    const hf_name no_actor = {{0}};
    const hf__operation op = {.type = HF_EVENT_EXPIRE, .args = &args.head, .actor = &no_actor};
    ck_assert_int_eq(end(fixture, &op, decide(fixture, &op)), 0);
    ck_assert(!fixture->draft.quiet);
}

/* The leases are taken, as the engine does it. */
static void take_first(hf_test_fixture *fixture)
{
    fixture->epoch = 1;
    hf_test_take_leases(fixture, fixture->epoch);
}

/* Decides an operation, and before it what must happen first; then applies it. */
static int run(hf_test_fixture *fixture, const hf__operation *op)
{
    int status = decide(fixture, op);
    while (status == HF__SWEEP) {
        if (fixture->draft.sweep_type == HF_EVENT_LEASE)
            take_first(fixture);
        else
            expire_first(fixture);
        status = decide(fixture, op);
    }
    return end(fixture, op, status);
}

int hf_test_run(hf_test_fixture *fixture, uint32_t type, const void *args)
{
    uint32_t flags[HF_BRANCHES_MAX];
    hf__operation op = {.type = type, .args = args, .actor = &fixture->actor, .own = fixture->own};
    op.participants = participants(type, args, flags);
    op.id_given = !hf__id_zero(&op.args->id);
    op.id = op.id_given ? op.args->id : hf_test_id(fixture);
    ck_assert_uint_ge(op.args->size, sizeof(hf_op_head));
    fingerprint(op.args, type, op.fingerprint);
    fixture->passes = 0;
    fixture->view.get = view_get;
    fixture->view.scan = view_scan;
    return run(fixture, &op);
}

/* ---- setting up ---- */

hf_account_ref hf_test_ref(uint32_t kind, const char *name, const char *unit)
{
    hf_account_ref ref;
    hf__account_ref_set(&ref, &(hf_account_key){.kind = kind, .name = name, .unit = unit});
    return ref;
}

const hf_account *hf_test_account(const hf_test_fixture *fixture, uint32_t kind, const char *name,
                                  const char *unit)
{
    return hf_test_row_of(fixture, HF__ACCOUNTS,
                          &(hf_account){.key = hf_test_ref(kind, name, unit)});
}

void hf_test_unit(hf_test_fixture *fixture, const char *code, uint32_t scale)
{
    hf_unit unit = {.scale = scale};
    hf__name_set(&unit.code, code);
    hf_test_put(fixture, HF__UNITS, &unit);
}

void hf_test_open(hf_test_fixture *fixture, uint32_t kind, const char *name, const char *unit,
                  int64_t balance)
{
    hf_account account = {.key = hf_test_ref(kind, name, unit),
                          .max_balance = INT64_MAX,
                          .version = 1,
                          .created_at_ms = fixture->now_ms,
                          .updated_at_ms = fixture->now_ms};
    hf_test_unit(fixture, unit, 0);
    hf_test_put(fixture, HF__ACCOUNTS, &account);
    if (balance == 0)
        return;
    hf__draft *draft = hf_test_draft(fixture);
    hf_account_ref world = {.kind = HF_KIND_WORLD};
    hf__movement m = {.from = &world, .to = &account.key, .amount = balance, .what = ""};
    ck_assert_int_eq(hf__move_fact(draft, &m), 0);
    hf_test_apply(fixture);
}
