/*
 * amounts.h - amounts as people read them: 700 of a unit EUR with scale 2 is "7.00 EUR".
 */
#ifndef CLI_AMOUNTS_H
#define CLI_AMOUNTS_H

#include "cli.h"

/* The units of a store with their scales, read once. */
typedef struct amounts amounts;

enum { AMOUNT_BYTES = 96 };

/*
 * Reads the units of the store. With --json *out is NULL, which makes every function below print
 * the integer as it is stored. EXIT_DONE, or the code of a failure that has been reported.
 */
int amounts_read(session *s, const options *opt, amounts **out);

/* Frees them; takes NULL. */
void amounts_free(amounts *all);

/*
 * The amount as text. A unit that is NULL, empty or not declared leaves the integer. `limit`: the
 * largest and the smallest number stand for no limit.
 */
const char *amount_text(const amounts *all, int64_t value, const char *unit, bool limit,
                        char text[AMOUNT_BYTES]);

/*
 * The currency of an order, which its payments by providers are in; "" when it cannot be read. The
 * last one is remembered. What earlier calls on the session gave is not valid any more.
 */
const char *amounts_currency(amounts *all, session *s, const hf_id *order);

#endif
