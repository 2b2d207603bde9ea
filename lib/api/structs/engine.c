/*
 * engine.c - shapes of options, health, findings, segments, participants and their calls.
 */
#include "api/structs/structs.h"

/* clang-format off */
static const char *const durability_names[] = {
    [HF_DURABILITY_STORE] = "STORE", [HF_DURABILITY_NONE] = "NONE",
    [HF_DURABILITY_JOURNAL] = "JOURNAL", NULL,
};
static const char *const check_names[] = {
    [HF_CHECK_QUICK] = "QUICK", [HF_CHECK_FULL] = "FULL", NULL,
};
static const char *const log_level_names[] = {
    [HF_LOG_ERROR] = "ERROR", [HF_LOG_WARN] = "WARN", [HF_LOG_INFO] = "INFO",
    [HF_LOG_DEBUG] = "DEBUG", NULL,
};
static const char *const admission_names[] = {
    [HF_ADMISSION_FIXED] = "FIXED", [HF_ADMISSION_ADAPTIVE] = "ADAPTIVE", NULL,
};
static const char *const clock_behind_names[] = {
    [HF_CLOCK_REFUSE] = "REFUSE", [HF_CLOCK_CONTINUE] = "CONTINUE",
    [HF_CLOCK_SET_BACK] = "SET_BACK", NULL,
};
static const char *const health_names[] = {
    [HF_HEALTH_OK] = "OK", [HF_HEALTH_DEGRADED] = "DEGRADED", [HF_HEALTH_POISONED] = "POISONED",
    [HF_HEALTH_CLOSING] = "CLOSING", NULL,
};
static const char *const segment_state_names[] = {
    [HF_SEGMENT_WHOLE] = "WHOLE", [HF_SEGMENT_DAMAGED] = "DAMAGED",
    [HF_SEGMENT_NOT_READ] = "NOT_READ", [HF_SEGMENT_UNUSED] = "UNUSED", NULL,
};
static const char *const barrier_state_names[] = {
    [HF_BARRIER_NONE] = "NONE", [HF_BARRIER_TRIED] = "TRIED", [HF_BARRIER_CONFIRMED] = "CONFIRMED",
    [HF_BARRIER_CANCELLED] = "CANCELLED", [HF_BARRIER_NULL_CANCELLED] = "NULL_CANCELLED", NULL,
};
static const char *const clause_names[] = {
    "NONE", [HF_CLAUSE_BALANCES] = "BALANCES", [HF_CLAUSE_LIMITS] = "LIMITS",
    [HF_CLAUSE_HOLDS] = "HOLDS", [HF_CLAUSE_LINES] = "LINES", [HF_CLAUSE_LEGS] = "LEGS",
    [HF_CLAUSE_PAYMENTS] = "PAYMENTS", [HF_CLAUSE_IDS] = "IDS", [HF_CLAUSE_TERMINAL] = "TERMINAL",
    [HF_CLAUSE_EVENTS] = "EVENTS", [HF_CLAUSE_SEQUENCES] = "SEQUENCES",
    [HF_CLAUSE_STORE] = "STORE", [HF_CLAUSE_TXNS] = "TXNS", [HF_CLAUSE_MONEY] = "MONEY", NULL,
};
static const char *const provider_flag_names[] = {
    "READONLY", "ORDERED", "ONE_PHASE", "QUEUED", "WHOLE_VOID", "ONE_CAPTURE", NULL,
};
static const char *const warning_names[] = {"DISK", "CHECKPOINT", NULL};
static const char *const op_flag_names[] = {"LINKED", NULL};

static const hf_field options_fields[] = {
    HAS(hf_options, size, U32),
    HAS(hf_options, threads, U32),
    HAS(hf_options, store, TEXT),
    HAS(hf_options, driver, ADDRESS),
    HAS(hf_options, queue_bytes_max, U64),
    HAS(hf_options, batch_bytes_max, U64),
    HAS(hf_options, cache_bytes_max, U64),
    HAS(hf_options, queue_ops_max, U32),
    HAS(hf_options, batch_ops_max, U32),
    HAS(hf_options, completions_max, U32),
    HAS_ONE_OF(hf_options, durability, durability_names),
    HAS_ONE_OF(hf_options, check, check_names),
    HAS_ONE_OF(hf_options, log_level, log_level_names),
    HAS(hf_options, virtual_time_ms, TIME),
    HAS(hf_options, random_seed, U64),
    HAS(hf_options, log, ADDRESS),
    HAS(hf_options, log_data, ADDRESS),
    HAS(hf_options, allocator, ADDRESS),
    HAS(hf_options, progress, ADDRESS),
    HAS(hf_options, progress_data, ADDRESS),
    HAS(hf_options, error, ADDRESS),
    HAS(hf_options, error_bytes, U64),
    HAS(hf_options, txns_max, U32),
    HAS(hf_options, lease_ms, U32),
    HAS(hf_options, journal_bytes_max, U64),
    HAS(hf_options, txn_keep_ms, I64),
    HAS(hf_options, node_name, TEXT),
    HAS(hf_options, node_address, TEXT),
    HAS(hf_options, node_role, TEXT),
    HAS(hf_options, refuse_card_numbers, U32),
    HAS(hf_options, without_journal, U32),
    HAS(hf_options, clock_actor, TEXT),
    HAS_ONE_OF(hf_options, clock_behind, clock_behind_names),
    HAS(hf_options, read_only, U32),
    HAS(hf_options, read_cache_bytes_max, U64),
    HAS(hf_options, peek_age_max_ms, I64),
    HAS(hf_options, metrics_file, TEXT),
    HAS_ONE_OF(hf_options, admission, admission_names),
};

static const hf_field health_info_fields[] = {
    HAS(hf_health_info, size, U32),
    HAS_ONE_OF(hf_health_info, state, health_names),
    HAS(hf_health_info, error, I32),
    HAS(hf_health_info, queued, U32),
    HAS(hf_health_info, operations, U64),
    HAS(hf_health_info, completed, U64),
    HAS(hf_health_info, refused, U64),
    HAS(hf_health_info, overloaded, U64),
    HAS(hf_health_info, batches, U64),
    HAS(hf_health_info, allocations, U64),
    HAS(hf_health_info, event_seq, U64),
    HAS(hf_health_info, time_ms, TIME),
    HAS(hf_health_info, clock_step_ms, I64),
    HAS(hf_health_info, dirty_bytes, U64),
    HAS(hf_health_info, journal_bytes, U64),
    HAS(hf_health_info, checkpoints, U64),
    HAS(hf_health_info, invariants, U64),
    HAS(hf_health_info, clock_behind_ms, I64),
    HAS(hf_health_info, store, ID_OPT),
    HAS(hf_health_info, incarnation, U64),
    HAS(hf_health_info, disk_free, U64),
    HAS_BITS(hf_health_info, warnings, warning_names),
    HAS(hf_health_info, retry_ms, U32),
    HAS(hf_health_info, batch, U64),
};

static const hf_field finding_fields[] = {
    HAS_ONE_OF(hf_finding, clause, clause_names),
    HAS_CHARS(hf_finding, text),
};

static const hf_field verify_result_fields[] = {
    HAS(hf_verify_result, size, U32),
    HAS(hf_verify_result, finding_count, U32),
    HAS_STRUCTS(hf_verify_result, findings, finding_count, &hf__struct_finding),
    HAS(hf_verify_result, findings_total, U64),
    HAS(hf_verify_result, rows, U64),
    HAS(hf_verify_result, events, U64),
    HAS(hf_verify_result, orders, U64),
    HAS(hf_verify_result, accounts, U64),
    HAS(hf_verify_result, digest, HASH),
};

static const hf_field segment_fields[] = {
    HAS(hf_segment, path, TEXT),
    HAS(hf_segment, sequence, U64),
    HAS(hf_segment, bytes, U64),
    HAS(hf_segment, bytes_used, U64),
    HAS(hf_segment, first_batch, U64),
    HAS(hf_segment, last_batch, U64),
    HAS(hf_segment, records, U64),
    HAS(hf_segment, changes, U64),
    HAS(hf_segment, schema, U32),
    HAS_ONE_OF(hf_segment, state, segment_state_names),
    HAS(hf_segment, store, ID_OPT),
    HAS(hf_segment, incarnation, U64),
    HAS(hf_segment, journal, U64),
    HAS(hf_segment, next_sequence, U64),
};

static const hf_field retry_policy_fields[] = {
    HAS(hf_retry_policy, size, U32),
    HAS(hf_retry_policy, attempts_max, U32),
    HAS(hf_retry_policy, initial_ms, I64),
    HAS(hf_retry_policy, cap_ms, I64),
    HAS(hf_retry_policy, elapsed_max_ms, I64),
    HAS(hf_retry_policy, multiplier, U32),
};

static const hf_field participant_fields[] = {
    HAS(hf_participant, size, U32),
    HAS(hf_participant, version, U32),
    HAS(hf_participant, name, TEXT),
    HAS(hf_participant, attempt, ADDRESS),
    HAS(hf_participant, confirm, ADDRESS),
    HAS(hf_participant, cancel, ADDRESS),
    HAS(hf_participant, query, ADDRESS),
    HAS(hf_participant, data, ADDRESS),
    HAS_STRUCT(hf_participant, retry[0], &hf__struct_retry_policy),
    HAS_STRUCT(hf_participant, retry[1], &hf__struct_retry_policy),
    HAS_STRUCT(hf_participant, retry[2], &hf__struct_retry_policy),
    HAS(hf_participant, call_timeout_ms, I64),
    HAS(hf_participant, breaker_open_ms, I64),
    HAS(hf_participant, breaker_failures, U32),
    HAS(hf_participant, in_flight_max, U32),
    HAS(hf_participant, retries_per_hundred, U32),
    HAS_BITS(hf_participant, flags, hf__participant_flag_names),
};

static const hf_field provider_fields[] = {
    HAS(hf_provider, size, U32),
    HAS(hf_provider, name, TEXT),
    HAS(hf_provider, authorize, ADDRESS),
    HAS(hf_provider, capture, ADDRESS),
    HAS(hf_provider, void_, ADDRESS),
    HAS(hf_provider, refund, ADDRESS),
    HAS(hf_provider, query, ADDRESS),
    HAS(hf_provider, data, ADDRESS),
    HAS_STRUCT(hf_provider, retry, &hf__struct_retry_policy),
    HAS(hf_provider, call_timeout_ms, I64),
    HAS(hf_provider, breaker_open_ms, I64),
    HAS(hf_provider, breaker_failures, U32),
    HAS(hf_provider, in_flight_max, U32),
    HAS(hf_provider, retries_per_hundred, U32),
    HAS_BITS(hf_provider, flags, provider_flag_names),
};

static const hf_field call_fields[] = {
    HAS(hf_call, size, U32),
    HAS_ONE_OF(hf_call, phase, hf__phase_names),
    HAS(hf_call, ticket, U64),
    HAS(hf_call, txn, ID),
    HAS(hf_call, key, ID),
    HAS(hf_call, participant, TEXT),
    HAS(hf_call, payload, BYTES),
    HAS(hf_call, epoch, U64),
    HAS(hf_call, time_left_ms, I64),
    HAS(hf_call, amount, I64),
    HAS(hf_call, payment, ID_OPT),
    HAS(hf_call, order, ID_OPT),
    HAS(hf_call, unit, TEXT),
    HAS(hf_call, reference, TEXT),
    HAS(hf_call, branch, U32),
    HAS(hf_call, version, U32),
    HAS(hf_call, attempt, U32),
    HAS_ONE_OF(hf_call, command, hf__command_names),
    HAS(hf_call, final, U32),
};

static const hf_field call_answer_fields[] = {
    HAS(hf_call_answer, size, U32),
    HAS_ONE_OF(hf_call_answer, answer, hf__answer_names),
    HAS(hf_call_answer, amount, I64),
    HAS(hf_call_answer, after_ms, I64),
    HAS(hf_call_answer, reference, TEXT),
    HAS(hf_call_answer, detail, TEXT),
};

static const hf_field barrier_fields[] = {
    HAS_ONE_OF(hf_barrier, state, barrier_state_names),
    HAS(hf_barrier, attempt, U32),
    HAS(hf_barrier, epoch, U64),
};

static const hf_field op_fields[] = {
    HAS(hf_op, type, U32),
    HAS_BITS(hf_op, flags, op_flag_names),
    HAS(hf_op, args, ADDRESS),
    HAS(hf_op, user_data, U64),
};

static const hf_field completion_fields[] = {
    HAS(hf_completion, user_data, U64),
    HAS(hf_completion, status, I32),
    HAS(hf_completion, type, U32),
    HAS(hf_completion, id, ID_OPT),
    HAS(hf_completion, result, ADDRESS),
    HAS(hf_completion, detail, TEXT),
    HAS(hf_completion, event_seq, U64),
    HAS(hf_completion, at_ms, TIME),
};

/* clang-format on */

static void init_options(void *options)
{
    hf_options_init(options);
}

static void init_health(void *info)
{
    (void)hf__args_init(info, sizeof(hf_health_info));
}

static void init_verify(void *result)
{
    (void)hf__args_init(result, sizeof(hf_verify_result));
}

static void init_participant(void *participant)
{
    hf_participant_init(participant, NULL);
}

static void init_provider(void *provider)
{
    hf_provider_init(provider, NULL);
}

static void init_answer(void *answer)
{
    hf_call_answer_init(answer, HF_ANSWER_NONE);
}

/* clang-format off */
const hf_shape hf__struct_options =
    STRUCT_INIT(hf_options, options_fields, init_options);
const hf_shape hf__struct_health_info =
    STRUCT_INIT(hf_health_info, health_info_fields, init_health);
const hf_shape hf__struct_finding = STRUCT(hf_finding, finding_fields);
const hf_shape hf__struct_verify_result =
    STRUCT_INIT(hf_verify_result, verify_result_fields, init_verify);
const hf_shape hf__struct_segment = STRUCT(hf_segment, segment_fields);
const hf_shape hf__struct_retry_policy = STRUCT(hf_retry_policy, retry_policy_fields);
const hf_shape hf__struct_participant =
    STRUCT_INIT(hf_participant, participant_fields, init_participant);
const hf_shape hf__struct_provider =
    STRUCT_INIT(hf_provider, provider_fields, init_provider);
const hf_shape hf__struct_call = STRUCT(hf_call, call_fields);
const hf_shape hf__struct_call_answer =
    STRUCT_INIT(hf_call_answer, call_answer_fields, init_answer);
const hf_shape hf__struct_barrier = STRUCT(hf_barrier, barrier_fields);
const hf_shape hf__struct_op = STRUCT(hf_op, op_fields);
const hf_shape hf__struct_completion = STRUCT(hf_completion, completion_fields);
/* clang-format on */
