/*
 * json_place.h - where in a JSON text a value stands.
 *
 * A JSON library gives values without their places; the place is found again by walking the text,
 * which is known to be valid, along ordinals: the member or element to go into at each level.
 */
#ifndef COMMON_JSON_PLACE_H
#define COMMON_JSON_PLACE_H

#include <stddef.h>

/* The column of that member (its name) or element, in characters from 1. No steps: the value. */
size_t json_place(const char *text, const size_t *ordinals, size_t count);

#endif
