/*
 * trace.h - W3C trace context: which trace a request belongs to. Source: W3C, "Trace Context".
 */
#ifndef SERVER_TRACE_H
#define SERVER_TRACE_H

typedef struct trace {
    char trace_id[33];  /* the caller's, or a new one */
    char parent_id[17]; /* the caller's span; empty: none */
    char span_id[17];   /* of this request */
} trace;

/* Reads a traceparent; one that is NULL or malformed begins a new trace. */
void trace_begin(trace *out, const char *traceparent);

#endif
