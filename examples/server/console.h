/*
 * console.h - a page for people: what the store does and has, and what a person should look at.
 *
 * The page has no data. Its script asks the server as any client does, with the token that its
 * user enters, and needs nothing from elsewhere.
 */
#ifndef SERVER_CONSOLE_H
#define SERVER_CONSOLE_H

#include "exchange.h"

/* GET /console. */
void console_answer(exchange *x);

#endif
