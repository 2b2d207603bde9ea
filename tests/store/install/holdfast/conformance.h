/*
 * holdfast/conformance.h - the tests of the store contract (holdfast/store.h), for a store of the
 * host's own. Installed when the library is built with its tests; link with holdfast-conformance,
 * a static library that needs Check (https://libcheck.github.io/check).
 */
#ifndef HOLDFAST_CONFORMANCE_H
#define HOLDFAST_CONFORMANCE_H

#include <holdfast/store.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The store's hf_table_stat.checksum is that of the built-in stores: it is compared with theirs. */
#define HF_CONFORMANCE_CHECKSUMS 1u

/*
 * Runs every test of the contract on a store and prints a line on standard output for each one that
 * fails. Returns the number of tests that failed; 0: the store fulfils the contract. A flag that is
 * not known and a driver that lacks a function count as one failure. Each test is a process of its
 * own (CK_FORK=no: all are this one) and opens the store in a new folder below TMPDIR, or /tmp: the
 * location is the path of a file that is not there. The driver's functions must be callable after
 * fork; another thread that the program has is not there in the tests. CK_RUN_CASE and the other
 * variables of Check choose tests and the form of the output (CK_TAP_LOG_FILE_NAME=-: TAP).
 * Thread: any, one call at a time. Since 0.1.
 */
int hf_conformance_run(const hf_store_driver *driver, uint32_t flags);

#ifdef __cplusplus
}
#endif

#endif
