/*
 * metrics_file.h - the file of hf_options.metrics_file, as its readers see it.
 */
#ifndef CLI_METRICS_FILE_H
#define CLI_METRICS_FILE_H

#include <stdbool.h>
#include <stddef.h>

typedef enum metrics_state {
    METRICS_NONE = 0,       /* there is no such file */
    METRICS_LIVE = 1,       /* an engine writes it */
    METRICS_ENDED = 2,      /* its process has ended without closing the engine */
    METRICS_FOREIGN = 3,    /* it is another program's, or no ordinary file */
    METRICS_UNREADABLE = 4, /* it cannot be opened or read */
} metrics_state;

/*
 * Reads the file. *text is to be freed; it is NULL unless the state is LIVE or ENDED. *error is the
 * errno value of UNREADABLE, else 0.
 */
metrics_state metrics_read(const char *path, char **text, int *error);

/* The value of a sample by its name with labels, as it stands there; "" when there is none. */
const char *metrics_sample(const char *text, const char *name, char *out, size_t bytes);

/* The value of a label of a metric: "pid" of holdfast_process_info; "" when there is none. */
const char *metrics_label(const char *text, const char *name, const char *label, char *out,
                          size_t bytes);

#endif
