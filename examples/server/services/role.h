/*
 * role.h - what an instance of the server is there for: the setting "role".
 *
 *     all         everything in one store
 *     payment     keeps accounts of customers, and takes part in transactions of other instances
 *     inventory   keeps stock, and takes part likewise, see branch.h
 *     order       takes orders, and coordinates a transaction for each, see checkout.h
 */
#ifndef SERVER_SERVICES_ROLE_H
#define SERVER_SERVICES_ROLE_H

#include <holdfast.h>
#include <stdbool.h>

struct server;

/* Registers who takes part in the transactions of the engine, which has just been opened. False: a
 * reason was printed. */
bool role_open(struct server *s);

/* Closes what role_open opened; the engine has been closed. Then the loop runs to its end, and
 * role_fini frees the memory. */
void role_close(struct server *s);
void role_fini(struct server *s);

/* The kind of the accounts that branches move here; HF_KIND_WORLD: there are no branches. */
uint32_t role_kind(const struct server *s);

#endif
