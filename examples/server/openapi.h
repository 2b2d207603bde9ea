/*
 * openapi.h - a description of all resources as OpenAPI 3.1, made of the tables that serve them.
 *
 * Source: OpenAPI Specification 3.1.0, whose schemas are JSON Schema 2020-12.
 */
#ifndef SERVER_OPENAPI_H
#define SERVER_OPENAPI_H

#include "exchange.h"

/* GET /openapi.json. */
void openapi_answer(exchange *x);

#endif
