/*
 * text.h - figures as Prometheus text.
 */
#ifndef HF_METRICS_TEXT_H
#define HF_METRICS_TEXT_H

#include <holdfast/metrics.h>

/* Where a text is written; what does not fit is counted and left out. */
typedef struct hf__text_writer {
    char *out;       /* always ends with a 0 when `bytes` is not 0 */
    uint64_t bytes;  /* of `out` */
    uint64_t length; /* of the whole text so far */
} hf__text_writer;

void hf__write(hf__text_writer *writer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The value of a label, in quotes. */
void hf__write_label(hf__text_writer *writer, const char *value);

/* HELP and TYPE of a metric. */
void hf__write_head(hf__text_writer *writer, const char *name, const char *help, uint32_t kind);

/* A number as the text has it, in base units. */
void hf__write_number(hf__text_writer *writer, uint64_t value, uint32_t unit);

/* Every metric of the table, from `info`. */
void hf__write_metrics(hf__text_writer *writer, const hf_metrics_info *info);

/* The value of a numeric field of the struct at `base`. */
uint64_t hf__metric_number(const hf_metric *metric, const void *base);

#endif
