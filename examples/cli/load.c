/*
 * load.c - the load: slots of pinned requests, each an order that is on its way.
 *
 * Happy path: a slot begins an order, its callback records how long it took and begins the next.
 * A refusal or a failed call ends the run and is placed by load_error: nothing that is measured
 * here may fail.
 */
#include "load_state.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <time.h>

#define OPENING          INT64_C(1000000000000)
#define FILL_AT_ONCE     2048u
#define CACHE_BYTES_EACH 4096u /* of an order, more than it takes */
#define SETTLE_NS_MAX    (UINT64_C(120) * 1000000000)

const char *const load_form_names[LOAD_FORMS] = {"checkout", "two-phase", "get",
                                                 "list",     "peek",      "peek-many"};

static const struct {
    const char *name;
    uint32_t value;
} durabilities[] = {
    {"journal", HF_DURABILITY_JOURNAL},
    {"store", HF_DURABILITY_STORE},
    {"none", HF_DURABILITY_NONE},
};

static void complain(load *l, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void complain(load *l, const char *format, ...)
{
    va_list list;
    if (l->failed)
        return; /* the first says what happened */
    l->failed = 1;
    va_start(list, format);
    /* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): a false alarm where it is inlined */
    (void)vsnprintf(l->error, sizeof(l->error), format, list);
    va_end(list);
}

static void refused(load *l, const char *what, int error)
{
    complain(l, "%s: %s (%s)", what, hf_error_name(error), hf_engine_detail(l->engine));
}

/* ---- Opening --------------------------------------------------------------------------------- */

int load_durability(const char *name, uint32_t *out)
{
    hf_options options;
    hf_options_init(&options);
    *out = options.durability;
    if (strcmp(name, "default") == 0)
        return 0;
    for (size_t i = 0; i < sizeof(durabilities) / sizeof(durabilities[0]); i++) {
        *out = durabilities[i].value;
        if (strcmp(name, durabilities[i].name) == 0)
            return 0;
    }
    return -1;
}

static void open_engine(load *l, const load_options *from)
{
    char detail[512] = "";
    hf_options options;
    hf_options_init(&options);
    options.store = from->url;
    options.error = detail;
    options.error_bytes = sizeof(detail);
    options.allocator = &l->allocator;
    options.virtual_time_ms = from->clock_ms;
    options.metrics_file = from->metrics;
    if (from->log != NULL) {
        options.log = from->log;
        options.log_level = from->log_level;
    }
    if (from->is_inline)
        options.threads = 0;
    if (from->cache == LOAD_CACHE_NONE)
        options.read_cache_bytes_max = 0;
    if (from->cache == LOAD_CACHE_ALL)
        options.read_cache_bytes_max = LOAD_KNOWN_MAX * CACHE_BYTES_EACH;
    if (from->journal_bytes != 0)
        options.journal_bytes_max = from->journal_bytes;
    if (load_durability(from->durability, &options.durability) != 0) {
        complain(l, "there is no durability '%s'", from->durability);
        return;
    }
    int error = hf_loop_create(&l->loop);
    if (error == 0)
        error = hf_engine_open(l->loop, &options, &l->engine);
    if (error != 0)
        complain(l, "%s: %s (%s)", from->url, hf_error_name(error), detail);
}

load *load_open(const load_options *options)
{
    load *l = calloc(1, sizeof(*l));
    if (l == NULL)
        return NULL;
    l->allocator = load_allocator(&l->memory);
    l->slots = calloc(LOAD_IN_FLIGHT_MAX, sizeof(load_slot));
    l->idle = calloc(LOAD_IN_FLIGHT_MAX, sizeof(*l->idle));
    l->known = calloc(LOAD_KNOWN_MAX, sizeof(*l->known));
    if (l->slots == NULL || l->idle == NULL || l->known == NULL)
        complain(l, "no memory");
    else
        open_engine(l, options);
    return l;
}

const char *load_error(const load *l)
{
    return l->error;
}

hf_engine *load_engine(load *l)
{
    return l->engine;
}

void load_turn(load *l)
{
    (void)hf_loop_run_once(l->loop, 1);
}

static void on_closed(void *data, int status, const char *detail)
{
    (void)detail; /* it is in the log */
    *(int *)data = status;
}

int load_close(load *l)
{
    if (l == NULL)
        return 0;
    int status = 0;
    int error = l->engine == NULL ? 0 : hf_engine_close(l->engine, on_closed, &status);
    while (l->loop != NULL && hf_loop_run_once(l->loop, 1) == 1)
        continue;
    if (error == 0)
        error = status;
    if (hf_loop_destroy(l->loop) != 0)
        error = -1;
    free(l->slots);
    free(l->idle);
    free(l->known);
    free(l->drawn);
    free(l);
    return error == 0 ? 0 : -1;
}

/* ---- Filling --------------------------------------------------------------------------------- */

static void on_filled(hf_req *req, const hf_completion *done)
{
    load *l = ((load_slot *)(void *)req)->load;
    if (done->status != 0)
        complain(l, "fill: %s (%s)", hf_error_name(done->status), done->detail);
    l->ended++;
}

static void put(load *l, uint32_t kind, const char *prefix, uint32_t number)
{
    char name[CHOICE_NAME_BYTES + 1];
    hf_account_put_args args;
    choice_name(name, prefix, number);
    if (kind == HF_KIND_ITEM) {
        hf_item_put_init(&args, name);
    } else {
        hf_account_put_init(&args, kind, name, "EUR");
        args.unit_scale = 2;
    }
    args.opening = OPENING;
    load_slot *s = &l->slots[l->begun % LOAD_IN_FLIGHT_MAX];
    *s = (load_slot){.load = l};
    int error = hf_account_put(l->engine, &s->req, &args, on_filled);
    if (error != 0)
        refused(l, "fill", error);
    else
        l->begun++;
}

/* Runs until everything that was begun has ended. */
static int drain(load *l)
{
    while (l->ended < l->begun)
        (void)hf_loop_run_once(l->loop, 1);
    return l->failed ? -1 : 0;
}

static void begin(load *l, const load_case *c, load_result *result)
{
    l->begun = l->ended = 0;
    l->c = c;
    l->result = result;
}

int load_fill(load *l)
{
    begin(l, NULL, NULL);
    for (uint32_t i = 0; i < CHOICE_ITEMS && !l->failed; i++) {
        put(l, HF_KIND_ITEM, "item", i);
        put(l, HF_KIND_MONEY, "user", i);
        if ((i + 1) % FILL_AT_ONCE == 0)
            (void)drain(l);
    }
    return drain(l);
}

/* ---- Operations ------------------------------------------------------------------------------ */

/* Begins an operation in an idle slot; false: the engine takes no more for now. */
static bool start(load *l, uint64_t from_ns)
{
    load_slot *s = &l->slots[l->idle[l->idle_count - 1]];
    choice before = l->choice;
    s->from_ns = from_ns;
    int error = load_starts[l->c->form](l, s);
    if (error == HF_E_OVERLOADED && l->c->rate > 0) {
        l->choice = before;
        return false;
    }
    if (error != 0)
        refused(l, load_form_names[l->c->form], error);
    else
        l->begun++;
    l->idle_count--;
    return error == 0;
}

static bool more(const load *l, uint64_t now_ns)
{
    return !l->failed && (l->c->operations == 0 || l->begun < l->c->operations) &&
           (l->until_ns == 0 || now_ns < l->until_ns);
}

static void remember(load *l, const hf_id *order)
{
    l->known[l->known_count++ % LOAD_KNOWN_MAX] = *order;
}

static void note_placed(load *l, const hf_completion *done)
{
    const hf_order_view *view = done->result;
    l->placed->order = view->order->id;
    l->placed->seq = done->event_seq;
    if (view->payment_count != 0)
        l->placed->payment = view->payments[0]->id;
}

static bool check(load *l, const hf_completion *done)
{
    if (done->status != 0)
        complain(l, "%s: %s (%s)", hf_op_name(done->type), hf_error_name(done->status),
                 done->detail);
    else if (l->placed != NULL)
        note_placed(l, done);
    return done->status == 0;
}

void load_on_done(hf_req *req, const hf_completion *done)
{
    load_slot *s = (load_slot *)(void *)req;
    load *l = s->load;
    uint64_t now = latency_now();
    l->ended++;
    l->idle[l->idle_count++] = (uint32_t)(s - l->slots);
    if (!check(l, done) || l->c == NULL)
        return;
    latency_add(&l->result->latency, now - s->from_ns, 1);
    if (done->type == HF_OP_ORDER_PLACE)
        remember(l, &((const hf_order_view *)done->result)->order->id);
    if (l->c->rate == 0 && more(l, now))
        (void)start(l, now);
}

void load_end_now(load *l, const load_slot *s)
{
    l->ended++;
    l->idle[l->idle_count++] = (uint32_t)(s - l->slots);
    latency_add(&l->result->latency, latency_now() - s->from_ns, 1);
}

void load_begin_get(load *l, const hf_id *order, uint64_t from_ns)
{
    hf_order_get_args args;
    load_slot *s = &l->slots[l->idle[--l->idle_count]];
    hf_order_get_init(&args, order);
    s->from_ns = from_ns;
    l->begun++;
    int error = hf_order_get(l->engine, &s->req, &args, load_on_done);
    if (error != 0)
        refused(l, load_form_names[l->c->form], error);
}

void load_seen(load *l, uint64_t from_ns, uint32_t count)
{
    l->begun += count;
    l->ended += count;
    latency_add(&l->result->latency, latency_now() - from_ns, count);
}

/* The first of two steps is durable: the second follows at once. */
void load_on_held(hf_req *req, const hf_completion *done)
{
    load_slot *s = (load_slot *)(void *)req;
    load *l = s->load;
    int error = 0;
    if (check(l, done)) {
        s->order = ((const hf_order_view *)done->result)->order->id;
        if (l->c != NULL && (error = load_confirm(l, s)) == 0)
            return;
    }
    if (error != 0)
        refused(l, "confirm", error);
    l->ended++;
    l->idle[l->idle_count++] = (uint32_t)(s - l->slots);
}

/* ---- Running --------------------------------------------------------------------------------- */

static void start_all(load *l, uint64_t now_ns)
{
    if (l->c->form == LOAD_PEEK_MANY) {
        load_peek_many(l, now_ns);
        return;
    }
    for (uint32_t i = l->idle_count; i > 0 && more(l, now_ns); i--)
        if (!start(l, now_ns))
            break;
}

/* What ends within its call does not begin the next: the loop turns after all in flight. */
static void run_closed(load *l, uint64_t start_ns)
{
    uint64_t now_ns = start_ns;
    do {
        start_all(l, now_ns);
        (void)hf_loop_run_once(l->loop, 0);
        now_ns = latency_now();
    } while (l->c->form >= LOAD_PEEK && more(l, now_ns));
    (void)drain(l);
}

/* Waits for the loop, but not past a time. */
static void wait_until(load *l, uint64_t next_ns)
{
    uint64_t now = latency_now();
    int timeout_ms = hf_loop_timeout(l->loop);
    int fd = hf_loop_fd(l->loop);
    uint64_t ns = next_ns > now ? next_ns - now : 0;
    if (timeout_ms >= 0 && (uint64_t)timeout_ms * 1000000u < ns)
        ns = (uint64_t)timeout_ms * 1000000u;
    if (ns != 0) {
        struct timespec left = {(time_t)(ns / 1000000000u), (long)(ns % 1000000000u)};
        fd_set ready;
        FD_ZERO(&ready);
        FD_SET(fd, &ready);
        (void)pselect(fd + 1, &ready, NULL, NULL, &left, NULL);
    }
    (void)hf_loop_run_once(l->loop, 0);
}

static void run_open(load *l, uint64_t start_ns)
{
    double period_ns = 1e9 / l->c->rate;
    uint64_t next_ns = start_ns;
    while (more(l, next_ns)) {
        uint64_t now = latency_now();
        while (next_ns <= now && more(l, next_ns) && l->idle_count != 0 && start(l, next_ns))
            next_ns = start_ns + (uint64_t)((double)l->begun * period_ns);
        bool full = next_ns <= now;
        wait_until(l, full ? now + 1000000u : next_ns);
    }
    (void)drain(l);
}

static double cpu_now(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static hf_health_info health_of(const load *l)
{
    hf_health_info info = {.size = sizeof(info)};
    if (hf_health(l->engine, &info) != 0)
        info = (hf_health_info){.size = sizeof(info)};
    return info;
}

static void measure(load *l, const hf_health_info *before, load_result *out)
{
    struct rusage usage;
    hf_health_info after = health_of(l);
    out->batches = after.batches - before->batches;
    out->checkpoints = after.checkpoints - before->checkpoints;
    out->dirty_bytes = after.dirty_bytes;
    out->journal_bytes = after.journal_bytes;
    out->operations = l->ended;
    out->engine_bytes = atomic_load(&l->memory.bytes);
    out->engine_most = atomic_load(&l->memory.most);
    out->resident_most = getrusage(RUSAGE_SELF, &usage) == 0 ? (uint64_t)usage.ru_maxrss * 1024 : 0;
}

static void make_idle(load *l, uint32_t in_flight)
{
    l->idle_count = 0;
    for (uint32_t i = in_flight; i-- > 0;) {
        l->slots[i] = (load_slot){.load = l};
        l->idle[l->idle_count++] = i;
    }
}

/* Which orders are read is drawn before the run: a caller has the id of what it reads. */
static void draw(load *l, const load_case *c)
{
    free(l->drawn);
    l->drawn = NULL;
    if (l->failed || (c->form != LOAD_GET && c->form < LOAD_PEEK))
        return;
    uint32_t *at = calloc(LOAD_DRAWN, sizeof(*at));
    l->drawn = calloc(LOAD_DRAWN, sizeof(*l->drawn));
    const bool chosen = at != NULL && l->drawn != NULL &&
                        choice_fill(&l->choice, load_known(l), at, LOAD_DRAWN) == 0;
    if (!chosen)
        complain(l, "no memory");
    for (uint64_t i = 0; chosen && i < LOAD_DRAWN; i++)
        l->drawn[i] = l->known[at[i]];
    free(at);
}

int load_run(load *l, const load_case *c, load_result *out)
{
    if (l->failed)
        return -1;
    hf_health_info before = health_of(l);
    memset(out, 0, sizeof(*out));
    begin(l, c, out);
    make_idle(l, c->in_flight);
    choice_init(&l->choice, c->spread);
    if (l->known_count == 0 && c->form >= LOAD_GET)
        complain(l, "%s: there are no orders to read", load_form_names[c->form]);
    draw(l, c);
    out->cpu_s = cpu_now();
    uint64_t start_ns = latency_now();
    l->until_ns = c->seconds > 0 ? start_ns + (uint64_t)(c->seconds * 1e9) : 0;
    if (c->rate > 0)
        run_open(l, start_ns);
    else
        run_closed(l, start_ns);
    out->seconds = (double)(latency_now() - start_ns) / 1e9;
    out->cpu_s = cpu_now() - out->cpu_s;
    measure(l, &before, out);
    begin(l, NULL, NULL);
    return l->failed ? -1 : 0;
}

/* An idle engine lets its store have everything, and its timer ends every turn until it has. */
int load_settle(load *l)
{
    uint64_t latest_ns = latency_now() + SETTLE_NS_MAX;
    while (!l->failed && health_of(l).dirty_bytes != 0) {
        if (latency_now() > latest_ns)
            complain(l, "the store does not take what the journal has");
        load_turn(l);
    }
    return l->failed ? -1 : 0;
}

int load_step(load *l, uint32_t form, uint32_t step, load_order *of)
{
    if (l->failed)
        return -1;
    begin(l, NULL, NULL);
    l->placed = of;
    if (step == 0) {
        make_idle(l, 1);
        choice_init(&l->choice, CHOICE_UNIFORM);
    }
    l->idle_count = 0;
    load_slot *s = &l->slots[0];
    int error = step == 0 ? load_starts[form](l, s) : load_confirm(l, s);
    if (error != 0)
        refused(l, "step", error);
    else
        l->begun++;
    (void)drain(l);
    l->placed = NULL;
    return l->failed ? -1 : 0;
}
