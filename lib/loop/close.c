/*
 * close.c - closing: operations that run end with their true outcome, operations that have not
 * started are cancelled.
 *
 *     hf_engine_close -> the threads become idle -> callers that wait for a transaction get
 *     HF_E_UNKNOWN, operations that wait are cancelled -> subscriptions and requests that wait for
 *     admission are cancelled -> one more iteration of the loop when completions wait to be taken
 *     -> threads end, shards are handed over, the store is closed -> uv handles are closed ->
 *     memory and handle are freed -> the callback
 *
 * Each arrow may take an iteration of the loop; the pump calls hf__close_step until it is done.
 */
#include "loop/host.h"

/* Cancels a batch of which nothing has started. */
static void cancel(hf__host *host, hf__request_queue *requests)
{
    hf__batch_buffer *buffer = requests->filling;
    if (buffer == NULL)
        return;
    requests->filling = NULL;
    for (uint32_t i = 0; i < buffer->batch.count; i++) {
        hf__task *task = &buffer->batch.tasks[i];
        task->done.type = task->op.type;
        task->done.id = task->op.id;
        task->done.status = HF_E_CANCELLED;
        task->done.result = NULL;
        task->done.detail = "";
    }
    hf__deliver(host, buffer);
}

void hf__host_free(hf__host *host)
{
    hf_env *env = &host->env;
    hf__status_free(host);
    hf__request_queue_stop(&host->writes);
    hf__request_queue_stop(&host->reads);
    hf__worker_stop(&host->maintenance.thread);
    hf__runtime_close(host->runtime);
    hf__engine_close(host->engine);
    hf__completion_queue_fini(&host->queue, env);
    hf__intake_fini(&host->intake, env);
    hf__request_queue_fini(&host->writes, env);
    hf__request_queue_fini(&host->reads, env);
    hf__free(env, host);
}

static void on_closed(uv_handle_t *handle)
{
    hf__host *host = handle->data;
    if (--host->handles != 0)
        return;
    const uv_loop_t *loop = handle->loop;
    hf_close_cb cb = host->close_cb;
    void *data = host->close_data;
    const hf_store_error left = host->left;
    hf__handle_release(host->handle);
    hf__host_free(host);
    if (cb == NULL)
        return;
    hf__inside frame;
    hf__inside_enter(&frame, loop);
    cb(data, left.code, left.code == 0 ? "" : left.text);
    hf__inside_leave(&frame);
}

static void tear_down(hf__host *host)
{
    hf__request_queue_stop(&host->writes);
    hf__request_queue_stop(&host->reads);
    hf__worker_stop(&host->maintenance.thread);
    uv_handle_t *status = hf__status_stop(host);
    hf__engine_leave(host->engine);
    host->left.code = hf__engine_finish(host->engine, &host->left);
    host->engine = NULL;
    uv_close((uv_handle_t *)&host->async, on_closed);
    uv_close((uv_handle_t *)&host->prepare, on_closed);
    uv_close((uv_handle_t *)&host->idle, on_closed);
    uv_close((uv_handle_t *)&host->timer, on_closed);
    uv_close((uv_handle_t *)&host->calls_timer, on_closed);
    uv_close((uv_handle_t *)&host->idle_checkpoint.timer, on_closed);
    if (status != NULL)
        uv_close(status, on_closed);
}

void hf__close_step(hf__host *host)
{
    if (host->writes.running != NULL || host->reads.running != NULL ||
        host->maintenance.kind != HF__WORK_NONE || hf__status_writes(host) || host->disk.asks)
        return;
    hf__runtime_end(host->runtime);
    cancel(host, &host->writes);
    cancel(host, &host->reads);
    hf__intake_cancel(host);
    hf__subscriptions_end(host);
    hf__admission_end(host);
    bool waits = host->queue.taken != host->queue.end || host->answer.fresh;
    if (waits && !host->last_look) {
        host->last_look = true;
        host->look_turn = host->turns;
    }
    if (host->last_look && host->look_turn == host->turns) {
        hf__arm(host); /* the pump may run twice in one iteration */
        return;
    }
    tear_down(host);
}

int hf_engine_close(hf_engine *engine, hf_close_cb cb, void *data)
{
    hf__host *host;
    int error = hf__host_enter_open(engine, &host);
    if (error != 0)
        return error;
    host->closing = true;
    hf__intake_close(host);
    host->close_cb = cb;
    host->close_data = data;
    hf__maintenance_cancel(host);
    hf__disk_cancel(host);
    hf__arm(host);
    return 0;
}
