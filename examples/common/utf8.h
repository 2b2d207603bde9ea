/*
 * utf8.h - the sequences of bytes that are characters in UTF-8.
 */
#ifndef COMMON_UTF8_H
#define COMMON_UTF8_H

#include <stddef.h>

/* The length of the sequence at `at`, of which `left` bytes are there, at least one; 0: it is none.
 */
size_t utf8_length(const unsigned char *at, size_t left);

#endif
