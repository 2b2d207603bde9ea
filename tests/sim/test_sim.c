/*
 * The simulator: seeds of trouble, some of them run twice; and controls, each of which must be
 * found out. Seeds are shared out among processes, one for each core.
 *
 *     HOLDFAST_SIM_SEED=17 ./test_sim         one seed, its trace with HOLDFAST_SIM_TRACE=1
 *     HOLDFAST_SIM_CONTROL=1 with it          one that is broken on purpose, by its sim_control
 *     HOLDFAST_SIM_SEEDS=100000 ./test_sim    many
 *     HOLDFAST_SIM_ORDERS=10000000 ./test_sim busy seeds until so many orders and transactions
 *     HOLDFAST_SIM_JOBS=1 with any            processes
 */
#include "sim.h"

#include "support/check_main.h"

#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define CI_JOBS       2u
#define JOBS_MAX      64u
#define TWICE         16u /* one of so many is run twice */
#define CONTROL_SEEDS 200u
#define PROGRESS      200u /* seeds of a process between two lines */

static sim_world world;

static uint64_t number(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text == NULL ? otherwise : strtoull(text, NULL, 10);
}

/* Runs a seed; its hash. */
static uint64_t run(uint64_t seed, uint32_t control)
{
    sim_run(&world, seed, control);
    return world.hash;
}

/* What a process has to do, and what came of it. */
typedef struct work {
    uint64_t first;
    uint64_t step;
    uint64_t last;   /* seed */
    uint64_t orders; /* until so many; 0: until the last seed */
    uint64_t seeds;  /* done */
    uint64_t seed;   /* that broke something */
    uint64_t counts[SIM_COUNTS];
    char broken[sizeof world.broken];
} work;

static uint64_t orders_of(const work *done)
{
    return done->counts[SIM_ORDERS] + done->counts[SIM_TXNS];
}

/* Runs a seed once more: the same must come of it. */
static void repeat(work *job, uint32_t control, uint64_t hash)
{
    uint64_t again = run(job->seed, control);
    if (again != hash)
        (void)snprintf(job->broken, sizeof job->broken,
                       "it is not repeatable: %" PRIx64 ", then %" PRIx64 " %.200s", hash, again,
                       world.broken);
}

static void do_work(work *job)
{
    uint32_t control = (uint32_t)number("HOLDFAST_SIM_CONTROL", SIM_SOUND);
    for (uint64_t seed = job->first; seed <= job->last && job->broken[0] == '\0';
         seed += job->step) {
        job->seed = seed;
        uint64_t hash = run(seed, control);
        for (uint32_t i = 0; i < SIM_COUNTS; i++)
            job->counts[i] += world.counts[i];
        memcpy(job->broken, world.broken, sizeof job->broken);
        if (job->broken[0] == '\0' && seed / job->step % TWICE == 0)
            repeat(job, control, hash);
        if (++job->seeds % PROGRESS == 0)
            (void)fprintf(stderr, "# %" PRIu64 " seeds, %" PRIu64 " orders and transactions\n",
                          job->seeds, orders_of(job));
        if (job->orders != 0 && orders_of(job) >= job->orders)
            break;
    }
}

/* Memory that a process and those it forks have in common. */
static work *shared_jobs(uint32_t count)
{
    int zero = open("/dev/zero", O_RDWR);
    ck_assert_int_ge(zero, 0);
    void *jobs = mmap(NULL, count * sizeof(work), PROT_READ | PROT_WRITE, MAP_SHARED, zero, 0);
    ck_assert_ptr_ne(jobs, MAP_FAILED);
    (void)close(zero);
    return jobs;
}

static pid_t start(work *job)
{
    pid_t pid = fork();
    ck_assert_int_ge(pid, 0);
    if (pid != 0)
        return pid;
    do_work(job);
    _exit(0);
}

/* Waits for one to end; which, whatever became of it. */
static uint32_t wait_for(const pid_t *pids, uint32_t count, work *jobs)
{
    int status = 0;
    pid_t pid = wait(&status);
    uint32_t ended = 0;
    while (ended < count && pids[ended] != pid)
        ended++;
    ck_assert_uint_lt(ended, count);
    if (status != 0)
        (void)snprintf(jobs[ended].broken, sizeof jobs[ended].broken,
                       "the process ended with status %d", status);
    return ended;
}

/* Runs a share in each of so many processes; adds up what they did. */
static work run_jobs(work *jobs, uint32_t count)
{
    work sum = {.seeds = 0};
    pid_t pids[JOBS_MAX];
    for (uint32_t i = 0; i < count; i++)
        pids[i] = start(&jobs[i]);
    for (uint32_t left = count; left != 0; left--) {
        uint32_t ended = wait_for(pids, count, jobs);
        pids[ended] = 0;
        for (uint32_t i = 0; jobs[ended].broken[0] != '\0' && i < count; i++)
            if (pids[i] != 0)
                (void)kill(pids[i], SIGTERM);
        ck_assert_msg(jobs[ended].broken[0] == '\0',
                      "%s: replay with HOLDFAST_SIM_SEED=%" PRIu64
                      " HOLDFAST_SIM_TRACE=1 tests/sim/test_sim",
                      jobs[ended].broken, jobs[ended].seed);
        sum.seeds += jobs[ended].seeds;
        for (uint32_t i = 0; i < SIM_COUNTS; i++)
            sum.counts[i] += jobs[ended].counts[i];
    }
    return sum;
}

START_TEST(every_promise_holds_in_all_troubles)
{
    uint64_t one = number("HOLDFAST_SIM_SEED", 0);
    uint64_t orders = number("HOLDFAST_SIM_ORDERS", 0);
    uint64_t last = number("HOLDFAST_SIM_SEEDS", orders != 0 ? UINT64_MAX / 2 : SIM_CI_SEEDS);
    uint32_t count = (uint32_t)number("HOLDFAST_SIM_JOBS", CI_JOBS);
    uint32_t step = orders != 0 ? SIM_BUSY : 1; /* a long run is of busy seeds alone */
    ck_assert_msg(count >= 1 && count <= JOBS_MAX, "1 to %u processes", JOBS_MAX);
    work *jobs = shared_jobs(count);
    for (uint32_t i = 0; i < count; i++)
        jobs[i] = (work){.first = (uint64_t)step * (i + 1),
                         .step = (uint64_t)step * count,
                         .last = last,
                         .orders = (orders + count - 1) / count};
    if (one != 0) {
        count = 1;
        jobs[0] = (work){.first = one, .step = 1, .last = one};
    }
    work sum = run_jobs(jobs, count);
    (void)fprintf(stderr, "%8" PRIu64 " seeds, %" PRIu64 " orders and transactions\n", sum.seeds,
                  orders_of(&sum));
    for (uint32_t i = 0; i < SIM_COUNTS; i++) {
        (void)fprintf(stderr, "%8" PRIu64 " %s\n", sum.counts[i], sim_count_name(i));
        ck_assert_msg(sum.counts[i] != 0 || sum.seeds < SIM_CI_SEEDS || orders != 0, "never: %s",
                      sim_count_name(i));
    }
}
END_TEST

START_TEST(what_is_broken_on_purpose_is_found)
{
    static const char *const names[SIM_CONTROLS] = {
        [SIM_NO_FENCE] = "no fence",
        [SIM_EXPIRED] = "expired lease still writing",
        [SIM_NO_SYNC] = "no synchronous commits",
        [SIM_NO_DECISION] = "decisions not logged",
        [SIM_NO_BARRIER] = "no barrier",
        [SIM_NO_RETRY] = "what is not known counted as refused",
        [SIM_EARLY_ACK] = "answers before the commit",
    };
    uint32_t control = (uint32_t)_i;
    uint64_t seed = 1;
    while (seed <= CONTROL_SEEDS && (run(seed, control), world.broken[0] == '\0'))
        seed++;
    ck_assert_msg(seed <= CONTROL_SEEDS, "%s: not found in %u seeds", names[control],
                  CONTROL_SEEDS);
    (void)fprintf(stderr, "%s: found with seed %" PRIu64 ": %s\n", names[control], seed,
                  world.broken);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sim");
    TCase *sound = tcase_create("seeds");
    tcase_add_test(sound, every_promise_holds_in_all_troubles);
    suite_add_tcase(suite, sound);
    TCase *controls = tcase_create("controls");
    if (getenv("HOLDFAST_SIM_SEED") == NULL && getenv("HOLDFAST_SIM_ORDERS") == NULL)
        tcase_add_loop_test(controls, what_is_broken_on_purpose_is_found, SIM_NO_FENCE,
                            SIM_CONTROLS);
    suite_add_tcase(suite, controls);
    return hf_test_main(suite);
}
