/*
 * options.c - the options' defaults and bounds.
 */
#include "loop/host.h"

#include <inttypes.h>
#include <string.h>

#define MIB      ((uint64_t)1 << 20)
#define TAIL_MAX 4096u

/* A number of the options and its bounds. */
typedef struct limits {
    const char *name;
    uint32_t offset;
    uint32_t bytes; /* 4 or 8 */
    bool is_signed;
    uint64_t min;
    uint64_t max;
} limits;

/* clang-format off */
#define BOUND(member, low, high) \
    {#member, (uint32_t)offsetof(hf_options, member), sizeof(((hf_options *)0)->member), \
     _Generic(((hf_options *)0)->member, int64_t: true, default: false), low, high}

#define KEEP_MS     (INT64_C(7) * 24 * 3600 * 1000)
#define KEEP_MAX_MS (INT64_C(1) << 42)

static const limits bounds[] = {
    BOUND(threads, 0, 1),
    BOUND(queue_bytes_max, 4096, (uint64_t)1 << 40),
    BOUND(batch_bytes_max, 65536, (uint64_t)1 << 40),
    BOUND(cache_bytes_max, 0, (uint64_t)1 << 40),
    BOUND(queue_ops_max, 1, 1u << 24),
    BOUND(batch_ops_max, 1, 1u << 24),
    BOUND(completions_max, 1, 1u << 24),
    BOUND(durability, HF_DURABILITY_STORE, HF_DURABILITY_JOURNAL),
    BOUND(check, HF_CHECK_QUICK, HF_CHECK_FULL),
    BOUND(log_level, HF_LOG_ERROR, HF_LOG_DEBUG),
    BOUND(virtual_time_ms, 0, HF__VIRTUAL_MAX_MS),
    BOUND(txns_max, 1, 1u << 20),
    BOUND(lease_ms, 300, 3600000),
    BOUND(journal_bytes_max, MIB, (uint64_t)1 << 40),
    BOUND(refuse_card_numbers, 0, 1),
    BOUND(without_journal, 0, 1),
    BOUND(clock_behind, HF_CLOCK_REFUSE, HF_CLOCK_SET_BACK),
    BOUND(read_only, 0, 1),
    BOUND(txn_keep_ms, 0, KEEP_MAX_MS), /* see check_keep */
    BOUND(read_cache_bytes_max, 0, (uint64_t)1 << 40),
    BOUND(peek_age_max_ms, 0, 3600000),
    BOUND(admission, HF_ADMISSION_FIXED, HF_ADMISSION_ADAPTIVE),
    BOUND(reserved, 0, 0),
};
/* clang-format on */

void hf_options_init(hf_options *options)
{
    if (options == NULL)
        return;
    *options = (hf_options){
        .size = sizeof *options,
        .threads = 1,
        .queue_bytes_max = 16 * MIB,
        .batch_bytes_max = 64 * MIB,
        .cache_bytes_max = 64 * MIB,
        .queue_ops_max = 16384,
        .batch_ops_max = 8192,
        .completions_max = 16384,
        .durability = HF_DURABILITY_JOURNAL,
        .check = HF_CHECK_QUICK,
        .log_level = HF_LOG_WARN,
        .txns_max = 4096,
        .lease_ms = 15000,
        .journal_bytes_max = 256 * MIB,
        .txn_keep_ms = KEEP_MS,
        .read_cache_bytes_max = 16 * MIB,
        .peek_age_max_ms = 1000,
    };
}

static int check_size(const hf_options *options, hf__detail *detail)
{
    const uint8_t *bytes = (const uint8_t *)options;
    uint8_t tail = 0;
    if (options->size < sizeof *options || options->size > sizeof *options + TAIL_MAX)
        return hf__refuse(detail, HF_E_ABI,
                          "size: %" PRIu32 " bytes, this library knows %zu (was hf_options_init "
                          "called?)",
                          options->size, sizeof *options);
    for (uint32_t i = sizeof *options; i < options->size; i++)
        tail |= bytes[i];
    return tail == 0 ? 0 : hf__refuse(detail, HF_E_ABI, "an option that is not known is set");
}

static uint64_t value_of(const hf_options *options, const limits *bound)
{
    const uint8_t *at = (const uint8_t *)options + bound->offset;
    uint32_t narrow;
    uint64_t wide;
    memcpy(&narrow, at, sizeof narrow);
    if (bound->bytes == sizeof narrow)
        return narrow;
    memcpy(&wide, at, sizeof wide);
    return wide;
}

/* A negative number is shown as it was given, and is below every range. */
static int refuse_value(const limits *bound, uint64_t value, hf__detail *detail)
{
    if (bound->is_signed)
        return hf__refuse(detail, HF_E_ARGUMENT, "%s: %" PRId64 " is not in %" PRIu64 "..%" PRIu64,
                          bound->name, (int64_t)value, bound->min, bound->max);
    return hf__refuse(detail, HF_E_ARGUMENT, "%s: %" PRIu64 " is not in %" PRIu64 "..%" PRIu64,
                      bound->name, value, bound->min, bound->max);
}

/* What every store must have; `backup`, `restore` and `scans` may be NULL. */
#define NEEDED(function)                                                                           \
    {                                                                                              \
#function, (uint32_t)offsetof(hf_store_driver, function)                                   \
    }

static const struct {
    const char *name;
    uint32_t offset;
} needed[] = {
    NEEDED(open), NEEDED(close), NEEDED(begin),  NEEDED(get),      NEEDED(put),   NEEDED(del),
    NEEDED(scan), NEEDED(stat),  NEEDED(commit), NEEDED(rollback), NEEDED(check),
};

static int check_driver(const hf_store_driver *driver, hf__detail *detail)
{
    if (driver->size < sizeof *driver)
        return hf__refuse(detail, HF_E_ABI, "driver: its size is not known");
    for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++) {
        void (*function)(void);
        memcpy(&function, (const uint8_t *)driver + needed[i].offset, sizeof function);
        if (function == NULL)
            return hf__refuse(detail, HF_E_ARGUMENT, "driver.%s: is NULL", needed[i].name);
    }
    return 0;
}

static int check_pointers(const hf_options *options, hf__detail *detail)
{
    const hf_allocator *allocator = options->allocator;
    if (options->driver == NULL && options->store == NULL)
        return hf__refuse(detail, HF_E_URL, "store: is NULL");
    if (allocator != NULL && (allocator->alloc == NULL || allocator->free == NULL))
        return hf__refuse(detail, HF_E_ARGUMENT, "allocator: a function is NULL");
    return options->driver == NULL ? 0 : check_driver(options->driver, detail);
}

/* A key must stay valid as long as its caller may repeat it. */
static int check_keep(const hf_options *options, hf__detail *detail)
{
    if (options->txn_keep_ms == 0 || options->txn_keep_ms >= HF_TXN_KEEP_MIN_MS)
        return 0;
    return hf__refuse(detail, HF_E_ARGUMENT,
                      "txn_keep_ms: %" PRId64 " is neither 0 nor in %d..%" PRId64,
                      options->txn_keep_ms, HF_TXN_KEEP_MIN_MS, KEEP_MAX_MS);
}

static int check_node(const hf_options *options, hf__detail *detail)
{
    const struct {
        const char *name;
        const char *text;
    } texts[] = {
        {"node_name", options->node_name},
        {"node_address", options->node_address},
        {"node_role", options->node_role},
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        int error = hf__text_check(texts[i].text, false, NULL);
        if (error != 0)
            return hf__refuse(detail, error, "%s: %s", texts[i].name, hf_error_text(error));
    }
    return 0;
}

/* Refuses options that would write, beside `read_only`. */
static int check_read_only(const hf_options *options, hf__detail *detail)
{
    bool writes = options->without_journal != 0 || options->clock_behind != HF_CLOCK_REFUSE;
    if (options->read_only == 0 || !writes)
        return 0;
    return hf__refuse(detail, HF_E_ARGUMENT, "read_only: not together with %s",
                      options->without_journal != 0 ? "without_journal" : "clock_behind");
}

/* The event that sets the stored time back names the actor. */
static int check_clock(const hf_options *options, hf__detail *detail)
{
    bool acts = options->clock_behind == HF_CLOCK_SET_BACK;
    int error = hf__text_check(options->clock_actor, acts, NULL);
    return error == 0 ? 0 : hf__refuse(detail, error, "clock_actor: %s", hf_error_text(error));
}

int hf__options_check(const hf_options *options, hf__detail *detail)
{
    int error = check_size(options, detail);
    if (error != 0)
        return error;
    for (size_t i = 0; i < sizeof bounds / sizeof bounds[0]; i++) {
        uint64_t value = value_of(options, &bounds[i]);
        if (value < bounds[i].min || value > bounds[i].max)
            return refuse_value(&bounds[i], value, detail);
    }
    error = check_keep(options, detail);
    if (error == 0)
        error = check_read_only(options, detail);
    if (error == 0)
        error = check_clock(options, detail);
    if (error == 0)
        error = check_pointers(options, detail);
    return error != 0 ? error : check_node(options, detail);
}
