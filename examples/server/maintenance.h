/*
 * maintenance.h - what operators ask for: the books checked, a copy of the store.
 */
#ifndef SERVER_MAINTENANCE_H
#define SERVER_MAINTENANCE_H

#include "exchange.h"

/* POST /v1/verify. */
void maintenance_verify(exchange *x);

/* POST /v1/backups. */
void maintenance_backup(exchange *x);

#endif
