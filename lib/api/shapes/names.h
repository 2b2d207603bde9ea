/*
 * names.h - names of enum values and flag bits in arguments, NULL-terminated, by value or by bit;
 * those with a length are used for records, too.
 */
#ifndef HF_API_SHAPES_NAMES_H
#define HF_API_SHAPES_NAMES_H

extern const char *const hf__arg_line_settles[];
extern const char *const hf__arg_put_modes[];
extern const char *const hf__arg_put_masks[];
extern const char *const hf__arg_adjust_modes[];
extern const char *const hf__arg_order_bys[];
extern const char *const hf__arg_policies[5];
extern const char *const hf__arg_amend_masks[];
extern const char *const hf__arg_refund_modes[];
extern const char *const hf__arg_payment_bys[];
extern const char *const hf__arg_attention_bits[10];
extern const char *const hf__arg_payment_flags[9];
extern const char *const hf__arg_report_flags[];
extern const char *const hf__arg_attention_subjects[6];
extern const char *const hf__arg_subjects[];
extern const char *const hf__arg_txn_kinds[];
extern const char *const hf__arg_txn_waits[];
extern const char *const hf__arg_txn_whichs[];
extern const char *const hf__arg_branch_flags[2];
extern const char *const hf__participant_flag_names[5];
extern const char *const hf__arg_answers[];
extern const char *const hf__arg_erase_bys[];
extern const char *const hf__arg_erase_whats[];

#endif
