/*
 * rules.h - what arguments must obey beyond their fields, without looking at any record.
 */
#ifndef HF_API_RULES_H
#define HF_API_RULES_H

#include <holdfast/shape.h>

/* The culprit of a broken rule. */
typedef struct hf__broken {
    const char *field; /* of the struct looked at */
    const char *text;  /* what is wrong, for people */
} hf__broken;

/* Fills `out` and returns the error. */
static inline int hf__rule_broken(hf__broken *out, int error, const char *field, const char *text)
{
    *out = (hf__broken){.field = field, .text = text};
    return error;
}

/* 0 or HF_E_*, then `out` is filled. */
typedef int (*hf__rule)(const void *args, hf__broken *out);

/* The rule of an operation, and that of an array's element; NULL when there is none. */
hf__rule hf__rule_of_type(uint32_t type);
hf__rule hf__rule_of_element(const hf_shape *shape);

/* Those of transactions; rules_txn.c. */
int hf__rule_txn_move(const void *args, hf__broken *out);
int hf__rule_txn_submit(const void *args, hf__broken *out);
int hf__rule_txn_begin(const void *args, hf__broken *out);
int hf__rule_txn_act(const void *args, hf__broken *out);
int hf__rule_txn_resolve(const void *args, hf__broken *out);
int hf__rule_txn_list(const void *args, hf__broken *out);

/* That of an erasure; rules_erase.c. */
int hf__rule_erase(const void *args, hf__broken *out);

#endif
