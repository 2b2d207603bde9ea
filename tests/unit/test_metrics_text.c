/*
 * The table of metrics against the rules for names, and the Prometheus text: samples, buckets,
 * labels, cutting. promtool checks the same text in tests/python.
 */
#include "metrics/text.h"
#include "support/check_main.h"
#include "support/host.h"

#include <ctype.h>
#include <holdfast/metrics.h>
#include <stdlib.h>

static hf_test_host host;
static char text[1 << 18];

static bool ends_with(const char *name, const char *end)
{
    size_t bytes = strlen(name);
    size_t tail = strlen(end);
    return bytes > tail && strcmp(name + bytes - tail, end) == 0;
}

static bool has_base_unit(const hf_metric *metric)
{
    static const char *const ends[][2] = {
        [HF_METRIC_ONE] = {"", ""},
        [HF_METRIC_NS] = {"_seconds", "_seconds_total"},
        [HF_METRIC_MS] = {"_seconds", "_seconds_total"},
        [HF_METRIC_BYTES] = {"_bytes", "_bytes_total"},
        [HF_METRIC_PPM] = {"_ratio", "_ratio"},
    };
    return ends_with(metric->name, ends[metric->unit][metric->kind == HF_METRIC_COUNTER ? 1 : 0]);
}

START_TEST(names_are_as_prometheus_wants_them)
{
    const hf_metric *metric;
    uint32_t count = 0;
    for (; (metric = hf_metric_at(count)) != NULL; count++) {
        ck_assert_int_eq(strncmp(metric->name, "holdfast_", 9), 0);
        for (const char *at = metric->name; *at != '\0'; at++)
            ck_assert_msg(islower((unsigned char)*at) || *at == '_', "%s", metric->name);
        ck_assert_msg(ends_with(metric->name, "_total") == (metric->kind == HF_METRIC_COUNTER),
                      "%s", metric->name);
        ck_assert_msg(has_base_unit(metric), "%s", metric->name);
        ck_assert_uint_gt(strlen(metric->help), 10);
        ck_assert(metric->value == NULL || metric->label != NULL);
    }
    ck_assert_uint_gt(count, 80);
    ck_assert_ptr_null(hf_metric_at(UINT32_MAX));
}
END_TEST

static uint32_t size_of(const hf_metric *metric)
{
    static const uint32_t sizes[] = {
        [HF_METRIC_OF_ENGINE] = sizeof(hf_metrics_info),
        [HF_METRIC_OF_OPERATION] = sizeof(hf_operation_figures),
        [HF_METRIC_OF_CALLEE] = sizeof(hf_callee_figures),
    };
    return sizes[metric->of];
}

START_TEST(every_field_of_the_structs_is_a_metric_once)
{
    static const char *const shapes[] = {"hf_metrics_info", "hf_operation_figures",
                                         "hf_callee_figures"};
    static const char *const others[] = {"size",         "operations", "callees", "operation_count",
                                         "callee_count", "name",       "type",    "version",
                                         "provider"};
    uint32_t fields = 0;
    uint32_t metrics = 0;
    for (uint32_t of = 0; of < 3; of++) {
        const hf_shape *shape = hf_struct_shape(shapes[of]);
        for (uint32_t f = 0; f < shape->field_count; f++) {
            bool other = false;
            for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
                other = other || strcmp(others[i], shape->fields[f].name) == 0;
            fields += other ? 0 : 1;
            uint32_t found = 0;
            const hf_metric *metric;
            for (uint32_t m = 0; (metric = hf_metric_at(m)) != NULL; m++)
                if (metric->of == of && metric->offset == shape->fields[f].offset)
                    found += strcmp(metric->field, shape->fields[f].name) == 0 ? 1 : 10;
            ck_assert_msg(found == (other ? 0 : 1), "%s.%s", shapes[of], shape->fields[f].name);
        }
    }
    const hf_metric *metric;
    for (; (metric = hf_metric_at(metrics)) != NULL; metrics++)
        ck_assert_uint_le(metric->offset + metric->bytes, size_of(metric));
    ck_assert_uint_eq(fields, metrics);
}
END_TEST

START_TEST(fields_of_one_metric_follow_each_other_with_one_help)
{
    const hf_metric *metric;
    for (uint32_t i = 0; (metric = hf_metric_at(i)) != NULL; i++) {
        const hf_metric *other;
        for (uint32_t k = i + 1; (other = hf_metric_at(k)) != NULL; k++) {
            if (strcmp(metric->name, other->name) != 0)
                continue;
            ck_assert_str_eq(hf_metric_at(k - 1)->name, other->name);
            ck_assert_str_eq(metric->help, other->help);
            ck_assert_str_eq(metric->label, other->label);
            ck_assert_str_ne(metric->value, other->value);
            ck_assert_uint_eq(metric->kind, other->kind);
            ck_assert_uint_eq(metric->unit, other->unit);
        }
    }
}
END_TEST

/* ---- The text -------------------------------------------------------------------------------- */

static void fill(void)
{
    int64_t bytes = hf_metrics_text(host.engine, text, sizeof text);
    ck_assert_int_gt(bytes, 1000);
    ck_assert_uint_eq(strlen(text), (uint64_t)bytes);
}

/* The value of a sample, as text up to the end of its line. */
static const char *sample(const char *name)
{
    static char value[64];
    char line[256];
    (void)snprintf(line, sizeof line, "\n%s ", name);
    const char *at = strstr(text, line);
    ck_assert_msg(at != NULL, "there is no %s", name);
    (void)snprintf(value, sizeof value, "%s", at + strlen(line));
    value[strcspn(value, "\n")] = '\0';
    return value;
}

START_TEST(samples_are_in_base_units)
{
    hf_test_call call = {.calls = 0};
    hf_test_options(&host, 0);
    host.options.virtual_time_ms = INT64_C(1700000000000);
    hf_test_open(&host);
    hf_test_stock(&host);
    ck_assert_int_eq(hf_test_receive(&host, &call, 1), 0);
    ck_assert_int_eq(hf_clock_advance(host.engine, 1500), 0);
    hf_test_run(&host, &call.calls, 1);
    fill();
    ck_assert_str_eq(sample("holdfast_open_seconds_total"), "1.500000000");
    ck_assert_str_eq(sample("holdfast_availability_ratio"), "1.000000");
    ck_assert_str_eq(sample("holdfast_operations_completed_total"), "2");
    ck_assert_str_eq(sample("holdfast_operation_completions_total{operation=\"ITEM_RECEIVE\"}"),
                     "1");
    ck_assert_str_eq(sample("holdfast_errors_total{class=\"UNKNOWN\"}"), "0");
    ck_assert_str_eq(sample("holdfast_operation_latency_seconds_sum{kind=\"write\"}"),
                     "1.500000000");
    ck_assert_str_eq(sample("holdfast_operation_latency_seconds_count{kind=\"write\"}"), "2");
    ck_assert_str_eq(
        sample("holdfast_operation_latency_seconds_bucket{kind=\"write\",le=\"0.000016384\"}"),
        "1");
    ck_assert_str_eq(
        sample("holdfast_operation_latency_seconds_bucket{kind=\"write\",le=\"2.147483648\"}"),
        "2");
    ck_assert_str_eq(sample("holdfast_batch_operations_bucket{le=\"1\"}"), "2");
    hf_test_stop(&host);
}
END_TEST

START_TEST(each_metric_has_one_help_and_buckets_only_grow)
{
    hf_test_start(&host, 1);
    hf_test_stock(&host);
    fill();
    uint64_t last = 0;
    bool bucket = false;
    for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        const char *value = strrchr(line, ' ');
        ck_assert_ptr_nonnull(value);
        if (line[0] == '#')
            continue;
        bool continues = bucket && strstr(line, "_bucket{") != NULL;
        bucket = strstr(line, "_bucket{") != NULL && strstr(line, "+Inf") == NULL;
        uint64_t number = strtoull(value + 1, NULL, 10);
        ck_assert(!continues || number >= last);
        last = number;
    }
    hf_test_stop(&host);
}
END_TEST

START_TEST(a_buffer_that_is_too_small_cuts_the_text_and_returns_its_length)
{
    static char cut[200];
    hf_test_options(&host, 0);
    host.options.virtual_time_ms = INT64_C(1700000000000); /* the text stays the same */
    hf_test_open(&host);
    int64_t bytes = hf_metrics_text(host.engine, NULL, 0);
    fill();
    ck_assert_int_eq(bytes, (int64_t)strlen(text));
    for (size_t capacity = 1; capacity <= sizeof cut; capacity++) {
        memset(cut, 'x', sizeof cut);
        ck_assert_int_eq(hf_metrics_text(host.engine, cut, capacity), bytes);
        ck_assert_uint_eq(strlen(cut), capacity - 1);
        ck_assert_int_eq(strncmp(cut, text, capacity - 1), 0);
        ck_assert(capacity == sizeof cut || cut[capacity] == 'x');
    }
    hf_test_stop(&host);
}
END_TEST

START_TEST(a_label_is_escaped)
{
    char out[64] = "";
    hf__text_writer writer = {.out = out, .bytes = sizeof out};
    hf__write_label(&writer, "a\"b\\c\nd\xc3\xa9");
    ck_assert_str_eq(out, "\"a\\\"b\\\\c\\nd\xc3\xa9\"");
}
END_TEST

START_TEST(numbers_beyond_four_billion_are_printed_in_full)
{
    char out[64] = "";
    hf__text_writer writer = {.out = out, .bytes = sizeof out};
    hf__write_number(&writer, UINT64_MAX, HF_METRIC_ONE);
    ck_assert_str_eq(out, "18446744073709551615");
    writer.length = 0;
    hf__write_number(&writer, UINT64_MAX, HF_METRIC_NS);
    ck_assert_str_eq(out, "18446744073.709551615");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("metrics_text");
    TCase *core = tcase_create("core");
    tcase_add_test(core, names_are_as_prometheus_wants_them);
    tcase_add_test(core, every_field_of_the_structs_is_a_metric_once);
    tcase_add_test(core, fields_of_one_metric_follow_each_other_with_one_help);
    tcase_add_test(core, samples_are_in_base_units);
    tcase_add_test(core, each_metric_has_one_help_and_buckets_only_grow);
    tcase_add_test(core, a_buffer_that_is_too_small_cuts_the_text_and_returns_its_length);
    tcase_add_test(core, a_label_is_escaped);
    tcase_add_test(core, numbers_beyond_four_billion_are_printed_in_full);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
