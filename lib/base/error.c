/*
 * error.c - names, texts and classes of errors, all from the one table in holdfast/error.h.
 */
#include <holdfast/error.h>

/* What is known of an error; a NULL name marks a gap between the numbers. */
typedef struct entry {
    const char *name;
    const char *text;
    int class_id;
} entry;

/* Indexed by the negated number. -Woverride-init refuses a number given twice. */
static const entry entries[] = {[0] = {.name = "HF_OK", .text = "success", .class_id = HF_CLASS_OK},
#define ENTRY(error, value, class, words)                                                          \
    [-(value)] = {.name = #error, .text = (words), .class_id = HF_CLASS_##class},
                                HF_ERROR_TABLE(ENTRY)
#undef ENTRY
};

static const entry unknown = {
    .name = "HF_E_?", .text = "unknown error", .class_id = HF_CLASS_FATAL};

static const entry *find(int error)
{
    const int lowest = -(int)(sizeof entries / sizeof entries[0]) + 1;
    if (error > 0 || error < lowest || entries[-error].name == NULL)
        return &unknown;
    return &entries[-error];
}

const char *hf_error_name(int error)
{
    return find(error)->name;
}

const char *hf_error_text(int error)
{
    return find(error)->text;
}

int hf_error_class(int error)
{
    return find(error)->class_id;
}
