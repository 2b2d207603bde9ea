/*
 * error.h - every error holdfast can give, in one table.
 *
 * One int everywhere: 0, or a negative HF_E_*. The class of an error says what to do next; the
 * detail text of a completion (or of the options' error buffer at open) names the culprit: the
 * argument, record or file that caused the error. Values are stable for ever; new ones are
 * appended.
 *
 * HF_E_INVARIANT is a bug of the library: what the operation would have changed breaks a rule that
 * always holds, so nothing of the operation was kept. The detail and a log line at level ERROR name
 * the place in the source; report both. hf_health reports whether the engine continues: while its
 * `state` is HF_HEALTH_OK, all other operations are executed as usual, and `invariants` counts the
 * operations that were undone. The same operation is refused again until a version of the library
 * without the bug opens the store. The engine stops (HF_E_POISONED) only when a rule of the state
 * that operations share is broken. A report of a provider is not refused, and a record that the
 * engine handles by itself is set aside: see HF_ATTENTION_INVARIANT in account.h.
 */
#ifndef HOLDFAST_ERROR_H
#define HOLDFAST_ERROR_H

#include <holdfast/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* clang-format off */
/* X(name, value, class, text) */
#define HF_ERROR_TABLE(X) \
    /* the caller made a mistake: fix the program or the input */ \
    X(HF_E_ARGUMENT,        -1, MISUSE,    "an argument is missing or malformed") \
    X(HF_E_ABI,             -2, MISUSE,    "a struct's size or unknown tail does not fit this library") \
    X(HF_E_TEXT_MISSING,    -3, MISUSE,    "a text that must be given is NULL or empty") \
    X(HF_E_TEXT_LONG,       -4, MISUSE,    "a text is longer than its limit") \
    X(HF_E_TEXT_UTF8,       -5, MISUSE,    "a text is not valid UTF-8") \
    X(HF_E_TEXT_CONTROL,    -6, MISUSE,    "a text contains a control character") \
    X(HF_E_ID,              -7, MISUSE,    "an id is not a UUIDv7") \
    X(HF_E_QUANTITY,        -8, MISUSE,    "a quantity is zero or negative") \
    X(HF_E_AMOUNT,          -9, MISUSE,    "an amount is outside its range") \
    X(HF_E_OVERFLOW,       -10, MISUSE,    "a result does not fit 64 bits") \
    X(HF_E_TOO_MANY,       -11, MISUSE,    "more elements than the limit allows") \
    X(HF_E_TOTAL,          -12, MISUSE,    "the total does not add up") \
    X(HF_E_ENUM,           -13, MISUSE,    "an enumerator or flag is not known") \
    X(HF_E_CARD_NUMBER,    -14, MISUSE,    "meta contains what looks like a card number") \
    X(HF_E_SETTLE,         -15, MISUSE,    "a source that may go below zero needs a line that settles on FULFIL") \
    X(HF_E_CLOSED,         -16, MISUSE,    "the engine is closed or was never open") \
    X(HF_E_FORKED,         -17, MISUSE,    "the engine was opened by another process; open your own after fork") \
    X(HF_E_THREAD,         -18, MISUSE,    "called from a thread other than the loop's") \
    X(HF_E_URL,            -19, MISUSE,    "the store URL names no known store") \
    X(HF_E_UNSUPPORTED,    -20, MISUSE,    "this build, store or operation does not support that") \
    X(HF_E_REQ_BUSY,       -21, MISUSE,    "the request is still in use by an earlier call") \
    X(HF_E_DEADLINE,       -22, MISUSE,    "the deadline is not in the future") \
    X(HF_E_NESTED,         -23, MISUSE,    "a call that runs the loop, from a callback of the loop") \
    /* a rule refused the operation: nothing changed, the same id may be tried again */ \
    X(HF_E_NOT_FOUND,      -40, REJECTED,  "no such record") \
    X(HF_E_EXISTS,         -41, REJECTED,  "the record exists already") \
    X(HF_E_ID_REUSED,      -42, REJECTED,  "the id was used before with other content") \
    X(HF_E_ID_TOO_OLD,     -43, REJECTED,  "the id is older than what retention keeps") \
    X(HF_E_UNIT_UNKNOWN,   -44, REJECTED,  "the unit has not been declared") \
    X(HF_E_UNIT_SCALE,     -45, REJECTED,  "the unit was declared with another scale") \
    X(HF_E_CURRENCY,       -46, REJECTED,  "the unit is not the order's currency") \
    X(HF_E_STOCK_SHORT,    -47, REJECTED,  "not enough stock is available") \
    X(HF_E_FUNDS_SHORT,    -48, REJECTED,  "not enough money is available") \
    X(HF_E_LIMIT_SHORT,    -49, REJECTED,  "not enough is left of the limit") \
    X(HF_E_MAX_BALANCE,    -50, REJECTED,  "the account would exceed its maximum balance") \
    X(HF_E_FROZEN,         -51, REJECTED,  "the account is frozen") \
    X(HF_E_ATTENTION,      -52, REJECTED,  "the account is beyond its limits and accepts no new hold") \
    X(HF_E_QUEUED_AHEAD,   -53, REJECTED,  "an order that came earlier waits on the account") \
    X(HF_E_ORDER_STATE,    -54, REJECTED,  "the order's state does not allow that") \
    X(HF_E_PAYMENT_STATE,  -55, REJECTED,  "the payment's state does not allow that") \
    X(HF_E_HOLD_STATE,     -56, REJECTED,  "the hold's state does not allow that") \
    X(HF_E_EXPIRED,        -57, REJECTED,  "the deadline has passed") \
    X(HF_E_VERSION_MOVED,  -58, REJECTED,  "the record is not at the expected version") \
    X(HF_E_EXPECT,         -59, REJECTED,  "an expectation does not hold") \
    X(HF_E_CHAIN,          -60, REJECTED,  "another operation of the chain was refused") \
    X(HF_E_OVER_POST,      -61, REJECTED,  "more than remains of the hold") \
    X(HF_E_OVER_REVERSE,   -62, REJECTED,  "more than was posted of the hold") \
    X(HF_E_OVER_FULFIL,    -63, REJECTED,  "more than is open on the line") \
    X(HF_E_OVER_CANCEL,    -64, REJECTED,  "more than is unfulfilled on the line") \
    X(HF_E_OVER_RETURN,    -65, REJECTED,  "more than was fulfilled on the line") \
    X(HF_E_OVER_CAPTURE,   -66, REJECTED,  "more than is authorized and not yet captured") \
    X(HF_E_OVER_VOID,      -67, REJECTED,  "more than is authorized and not yet captured or voided") \
    X(HF_E_OVER_REFUND,    -68, REJECTED,  "more than was captured and not yet refunded") \
    X(HF_E_OVER_PAID,      -69, REJECTED,  "the payments exceed the order's total") \
    X(HF_E_UNPAID,         -70, REJECTED,  "the payments do not cover what is due") \
    X(HF_E_LINE_UNKNOWN,   -71, REJECTED,  "the order has no such line") \
    X(HF_E_CURSOR_BACK,    -72, REJECTED,  "a cursor only moves forward") \
    X(HF_E_TXN_STATE,      -73, REJECTED,  "the transaction's state does not allow that") \
    X(HF_E_TXN_ABORTED,    -74, REJECTED,  "the transaction was cancelled") \
    X(HF_E_PLACE_UNKNOWN,  -75, REJECTED,  "the line takes nothing from that place") \
    X(HF_E_SEQ_AHEAD,      -76, REJECTED,  "no event has that number yet") \
    /* try again later, with the same id */ \
    X(HF_E_OVERLOADED,     -90, RETRYABLE, "the queue is full") \
    X(HF_E_NOMEM,          -91, RETRYABLE, "out of memory") \
    X(HF_E_CANCELLED,      -92, RETRYABLE, "the engine closed before the operation started") \
    X(HF_E_DEGRADED,       -93, RETRYABLE, "the store cannot write at present; reads continue") \
    X(HF_E_NO_SPACE,       -94, RETRYABLE, "the disk is full") \
    X(HF_E_BUSY,           -95, RETRYABLE, "another program or operation holds what is needed") \
    X(HF_E_FENCED,         -96, RETRYABLE, "another engine has taken over the lease of this one") \
    X(HF_E_DRAINING,       -97, RETRYABLE, "the engine is being drained and accepts no new transaction") \
    X(HF_E_NOT_CACHED,     -98, RETRYABLE, "the record is not in the read cache; ask for it with its get function") \
    /* it may or may not have happened: look it up by id, or repeat with the same id */ \
    X(HF_E_UNKNOWN,       -110, UNKNOWN,   "the outcome is not known") \
    /* the engine or the store cannot continue */ \
    X(HF_E_CORRUPT,       -130, FATAL,     "stored data is damaged or of another program") \
    X(HF_E_SCHEMA,        -131, FATAL,     "the store was written by a newer version") \
    X(HF_E_LOCKED,        -132, FATAL,     "another process has the store open") \
    X(HF_E_OPEN_TWICE,    -133, FATAL,     "this process has the store open already") \
    X(HF_E_READ_ONLY,     -134, FATAL,     "not writable, or opened to be read only") \
    X(HF_E_PATH,          -135, FATAL,     "the path does not exist or is not what is expected") \
    X(HF_E_IO,            -136, FATAL,     "reading or writing failed") \
    X(HF_E_CLOCK,         -137, FATAL,     "the clock is more than 60 s behind the stored time; reads continue") \
    X(HF_E_POISONED,      -138, FATAL,     "an earlier failure stopped the engine; close and open it") \
    /* only this operation cannot be done, and the engine continues: see the top of this file */ \
    X(HF_E_INVARIANT,     -139, FATAL,     "the operation broke a rule inside the library and was undone")
/* clang-format on */

/* The error numbers. HF_OK is success; everything else is negative. */
typedef enum hf_error {
    HF_OK = 0,
#define HF_ERROR_ENUM(name, value, class, text) name = (value),
    HF_ERROR_TABLE(HF_ERROR_ENUM)
#undef HF_ERROR_ENUM
} hf_error;

/* What to do next with an error. */
typedef enum hf_error_class_id {
    HF_CLASS_OK = 0,        /* the operation succeeded */
    HF_CLASS_REJECTED = 1,  /* a rule refused the operation; nothing changed */
    HF_CLASS_RETRYABLE = 2, /* nothing changed; the same call may succeed later */
    HF_CLASS_UNKNOWN = 3,   /* look it up by id; repeating with the same id is safe */
    HF_CLASS_FATAL = 4,     /* the engine or store needs attention; hf_health reports whether
                               the engine continues */
    HF_CLASS_MISUSE = 5,    /* the call itself is wrong; nothing changed */
} hf_error_class_id;

/*
 * The name of an error as in this header, e.g. "HF_E_STOCK_SHORT"; "HF_OK" for 0 and
 * "HF_E_?" for a number that is no error of this library.
 * The string is static.
 * Thread: any. Since 0.1.
 */
HF_API const char *hf_error_name(int error);

/*
 * One sentence for people that says what the error means, without the culprit (which is in the
 * completion's detail). "success" for 0, "unknown error" for a number that is not in the table.
 * Static. Thread: any. Since 0.1.
 */
HF_API const char *hf_error_text(int error);

/*
 * The class of an error, one of hf_error_class_id: what the caller should do next. A number that is
 * not in the table is HF_CLASS_FATAL. Thread: any. Since 0.1.
 */
HF_API int hf_error_class(int error);

#ifdef __cplusplus
}
#endif

#endif
