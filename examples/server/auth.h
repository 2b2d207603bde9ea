/*
 * auth.h - who sends a request: bearer tokens (RFC 6750) with roles.
 *
 * The file of tokens has the SHA-256 of each token, never the token. What a request sends is hashed
 * and compared with every entry in constant time.
 */
#ifndef SERVER_AUTH_H
#define SERVER_AUTH_H

#include "lines.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Roles of a caller, as bits. */
#define ROLE_SHOP      1u /* places and changes orders, pays */
#define ROLE_WAREHOUSE 2u /* fulfils orders, moves stock */
#define ROLE_OPERATOR  4u /* everything */
#define ROLE_SERVICE   8u /* another server: calls branches of its transactions, and nothing else */
#define ROLES_ANYONE   0u /* needs no token */
#define ROLES_SIGNED   16u /* a webhook: its signature is looked at instead */

/* The name of a role by its bit; NULL: there is none. */
const char *role_name(unsigned bit);

enum { TOKEN_NAME = 64, TOKEN_HASH = 32 };

typedef struct token {
    char name[TOKEN_NAME]; /* the actor of its operations */
    unsigned char hash[TOKEN_HASH];
    unsigned roles;
} token;

typedef struct auth {
    token *tokens;
    size_t count, capacity;
    bool open; /* no file of tokens: everyone may do everything, as the actor "local" */
} auth;

/* Reads the file; NULL: there is none. False, with the reason in `error`, when it is wrong. */
bool auth_read(auth *out, const char *path, char error[LINES_ERROR]);

void auth_fini(auth *a);

/* The entry of the header "Bearer TOKEN"; NULL: none. `header` may be NULL. */
const token *auth_find(const auth *a, const char *header);

#endif
