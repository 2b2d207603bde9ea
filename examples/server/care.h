/*
 * care.h - what operators ask for: the books checked, a copy of the store.
 */
#ifndef SERVER_CARE_H
#define SERVER_CARE_H

#include "exchange.h"

/* POST /v1/verify. */
void care_verify(exchange *x);

/* POST /v1/backups. */
void care_backup(exchange *x);

#endif
