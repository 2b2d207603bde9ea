/*
 * run.h - functions for programs that work step by step: each runs the engine's loop until its
 * result is there.
 *
 * Everything else on the loop continues meanwhile: callbacks, timers, other engines. The functions
 * work on the host's own libuv loop and on a loop of hf_loop_create, and may be mixed with all
 * other calls. A loop cannot be run inside itself: from a callback these functions return
 * HF_E_NESTED. The library detects its own callbacks for an engine on this loop, and any callback
 * while one of these functions runs the loop. It cannot detect a callback of the host's own libuv
 * handles on a loop that the host runs: there these functions must not be called.
 */
#ifndef HOLDFAST_RUN_H
#define HOLDFAST_RUN_H

#include <holdfast/engine.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Runs one operation: submits it and runs the loop until it completes. `args` is the argument
 * struct of `type`, borrowed for the call. Returns how it ended: done->status, 0 or an error of the
 * operation, or what hf_submit says at once. *done (the caller's) is filled in either way, its
 * detail names the culprit. What it points to lives until the next hf_run on this engine, or until
 * the engine has closed. What was given to hf_submit before is not touched: its completions wait
 * for hf_wait or hf_completions.
 * Errors of its own: HF_E_NESTED; HF_E_ARGUMENT when `done` is NULL; HF_E_UNSUPPORTED for a
 * transaction that waits until it is decided or finished while a participant is called through
 * hf_completions, which cannot be taken meanwhile. Under a virtual clock, an operation that waits
 * for a time does not end, since only hf_clock_advance advances the clock.
 * Thread: loop. Since 0.1.
 */
HF_API int hf_run(hf_engine *engine, uint32_t type, const void *args, hf_completion *done);

/*
 * Takes up to `max` completions as hf_completions does; when there is none, runs the loop until
 * there is one. Returns how many; 0 when every operation given to hf_submit has been taken, so that
 * `while (hf_wait(engine, &done, 1) == 1)` ends with the last one.
 * Errors: HF_E_NESTED, and as hf_completions.
 * Thread: loop. Since 0.1.
 */
HF_API int hf_wait(hf_engine *engine, hf_completion *out, uint32_t max);

/*
 * Runs hf_verify, without progress, and waits for its end. out->size must be set to
 * sizeof(hf_verify_result). Returns 0 also when there are findings: look at findings_total.
 * out->findings lives until the next verify, or until the engine has closed.
 * Errors: HF_E_NESTED, HF_E_ABI, HF_E_ARGUMENT, and as hf_verify; then *out is untouched.
 * Thread: loop. Since 0.1.
 */
HF_API int hf_run_verify(hf_engine *engine, hf_verify_result *out);

/*
 * Closes an engine as hf_engine_close does, and waits until the store is closed and the handle is
 * not valid any more. Completions that were not taken are lost. Returns the status of hf_close_cb:
 * 0 when the store has everything. Errors: HF_E_NESTED, and as hf_engine_close; then nothing has
 * changed. Thread: loop. Since 0.1.
 */
HF_API int hf_run_close(hf_engine *engine);

#ifdef __cplusplus
}
#endif

#endif
