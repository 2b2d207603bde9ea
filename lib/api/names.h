/*
 * names.h - names of enum values and flag bits in arguments, NULL-terminated, by value or by bit.
 */
#ifndef HF_API_NAMES_H
#define HF_API_NAMES_H

extern const char *const hf__arg_kinds[];
extern const char *const hf__arg_settles[];
extern const char *const hf__arg_line_settles[];
extern const char *const hf__arg_put_modes[];
extern const char *const hf__arg_put_masks[];
extern const char *const hf__arg_adjust_modes[];
extern const char *const hf__arg_order_states[];
extern const char *const hf__arg_order_bys[];
extern const char *const hf__arg_policies[];
extern const char *const hf__arg_amend_masks[];
extern const char *const hf__arg_adjustments[];
extern const char *const hf__arg_refund_modes[];
extern const char *const hf__arg_methods[];
extern const char *const hf__arg_payment_states[];
extern const char *const hf__arg_payment_bys[];
extern const char *const hf__arg_facts[];
extern const char *const hf__arg_attention_bits[];
extern const char *const hf__arg_payment_flags[];
extern const char *const hf__arg_report_flags[];
extern const char *const hf__arg_attention_subjects[];
extern const char *const hf__arg_subjects[];
extern const char *const hf__arg_txn_kinds[];
extern const char *const hf__arg_txn_states[];
extern const char *const hf__arg_txn_waits[];
extern const char *const hf__arg_txn_whichs[];
extern const char *const hf__arg_branch_flags[];
extern const char *const hf__arg_answers[];
extern const char *const hf__arg_erase_bys[];
extern const char *const hf__arg_erase_whats[];

#endif
