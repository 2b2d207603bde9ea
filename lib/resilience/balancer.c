/*
 * balancer.c - which of several endpoints takes the next call.
 *
 * Every pick looks at all endpoints: they are few, and there is no state that could be wrong about
 * them. A weight is counted in thousandths, so that one that starts slowly has a part of it.
 */
#include "base/money/checked.h"

#include <holdfast/balancer.h>
#include <holdfast/error.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>

#define WEIGHT_MAX      1000u
#define WHOLE           1000u /* thousandths of a weight */
#define SLOWEST         100u  /* of which a slow start has so many at first */
#define FAILURES_MAX    5u
#define EJECTED_MAX     50u
#define LOAD_HUNDREDTHS 25u
#define EJECT_MS        10000
#define EJECT_MAX_MS    300000
#define NO_ENDPOINT     UINT32_MAX

_Static_assert(sizeof(hf_endpoint) == 72, "hf_endpoint has no padding");
_Static_assert(sizeof(hf_balancer) == 72, "hf_balancer has no padding");

static bool good_endpoints(const hf_endpoint *endpoints, uint32_t count, uint32_t how)
{
    for (uint32_t i = 0; i < count; i++) {
        if (endpoints[i].weight > WEIGHT_MAX)
            return false;
        for (uint32_t k = 0; how == HF_BALANCE_HASH && k < i; k++)
            if (endpoints[k].key == endpoints[i].key)
                return false;
    }
    return true;
}

int hf_balancer_init(hf_balancer *balancer, hf_endpoint *endpoints, uint32_t count, uint32_t how)
{
    if (balancer == NULL || endpoints == NULL || count == 0 || count > HF_ENDPOINTS_MAX)
        return HF_E_ARGUMENT;
    if (how > HF_BALANCE_HASH)
        return HF_E_ENUM;
    if (!good_endpoints(endpoints, count, how))
        return HF_E_ARGUMENT;
    for (uint32_t i = 0; i < count; i++)
        endpoints[i] = (hf_endpoint){.key = endpoints[i].key, .weight = endpoints[i].weight};
    *balancer = (hf_balancer){
        .size = sizeof *balancer,
        .how = how,
        .failures_max = FAILURES_MAX,
        .ejected_max_hundredths = EJECTED_MAX,
        .load_hundredths = LOAD_HUNDREDTHS,
        .count = count,
        .eject_ms = EJECT_MS,
        .eject_max_ms = EJECT_MAX_MS,
        .endpoints = endpoints,
    };
    return 0;
}

static int check(const hf_balancer *balancer)
{
    if (balancer == NULL)
        return HF_E_ARGUMENT;
    if (balancer->size != sizeof *balancer)
        return HF_E_ABI;
    bool good = balancer->count > 0 && balancer->eject_ms > 0 &&
                balancer->eject_max_ms >= balancer->eject_ms && balancer->slow_start_ms >= 0;
    return good ? 0 : HF_E_ARGUMENT;
}

/* ---- Who takes calls, and how many ----------------------------------------------------------- */

/* Time since `then`; a clock that went back has passed none. */
static int64_t passed(int64_t now_ms, int64_t then)
{
    int64_t out = 0;
    if (now_ms > then && !hf__sub(now_ms, then, &out))
        out = INT64_MAX;
    return out;
}

/* Ends an ejection whose time is over. */
static void look(hf_endpoint *endpoint, int64_t now_ms)
{
    if (endpoint->ejected_until_ms == 0 || now_ms < endpoint->ejected_until_ms)
        return;
    endpoint->ejected_until_ms = 0;
    endpoint->since_ms = now_ms;
}

static bool takes_calls(const hf_endpoint *endpoint)
{
    return endpoint->down == 0 && endpoint->ejected_until_ms == 0;
}

/* In thousandths. */
static uint64_t weight_of(const hf_balancer *balancer, const hf_endpoint *endpoint, int64_t now_ms)
{
    uint64_t part = WHOLE;
    int64_t since = passed(now_ms, endpoint->since_ms);
    if (endpoint->since_ms != 0 && since < balancer->slow_start_ms)
        part = SLOWEST + (uint64_t)((double)(WHOLE - SLOWEST) * (double)since /
                                    (double)balancer->slow_start_ms);
    return (endpoint->weight == 0 ? 1 : endpoint->weight) * part;
}

/* ---- Picking --------------------------------------------------------------------------------- */

/* The turn of each endpoint grows by its weight; that of the picked endpoint shrinks by the sum of
   all weights. */
static uint32_t pick_in_turn(hf_balancer *balancer, int64_t now_ms)
{
    uint32_t best = NO_ENDPOINT;
    int64_t sum = 0;
    for (uint32_t i = 0; i < balancer->count; i++) {
        hf_endpoint *endpoint = &balancer->endpoints[i];
        if (!takes_calls(endpoint))
            continue;
        int64_t weight = (int64_t)weight_of(balancer, endpoint, now_ms);
        endpoint->turn += weight;
        sum += weight;
        if (best == NO_ENDPOINT || endpoint->turn > balancer->endpoints[best].turn)
            best = i;
    }
    if (best != NO_ENDPOINT)
        balancer->endpoints[best].turn -= sum;
    return best;
}

/* Compares calls in flight, the one to come included, for each unit of weight. */
static uint32_t pick_least(hf_balancer *balancer, int64_t now_ms)
{
    uint32_t best = NO_ENDPOINT;
    uint64_t best_calls = 0;
    uint64_t best_weight = 1;
    uint32_t first = (uint32_t)(balancer->endpoints[0].turn++ % balancer->count);
    for (uint32_t i = 0; i < balancer->count; i++) {
        uint32_t at = (first + i) % balancer->count;
        const hf_endpoint *endpoint = &balancer->endpoints[at];
        if (!takes_calls(endpoint))
            continue;
        uint64_t calls = (uint64_t)endpoint->in_flight + 1;
        uint64_t weight = weight_of(balancer, endpoint, now_ms);
        if (best != NO_ENDPOINT && calls * best_weight >= best_calls * weight)
            continue;
        best = at;
        best_calls = calls;
        best_weight = weight;
    }
    return best;
}

static uint64_t mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* Whether one more call would be more than its share of those in flight, and some more. */
static bool is_full(const hf_balancer *balancer, const hf_endpoint *endpoint, uint64_t weight,
                    uint64_t sum)
{
    double all = (double)balancer->in_flight + 1;
    double share = all * (double)weight / (double)sum;
    double bound = share * (100.0 + (double)balancer->load_hundredths) / 100.0;
    uint64_t whole = (uint64_t)bound;
    uint64_t most = whole + ((double)whole < bound ? 1 : 0);
    return (uint64_t)endpoint->in_flight + 1 > most;
}

static uint64_t sum_of_weights(const hf_balancer *balancer, int64_t now_ms)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < balancer->count; i++)
        if (takes_calls(&balancer->endpoints[i]))
            sum += weight_of(balancer, &balancer->endpoints[i], now_ms);
    return sum;
}

/*
 * The largest score of those that have capacity: of a number u between 0 and 1 that hash and
 * endpoint give, weight / -ln u. So each gets its share by weight. At least one endpoint is below
 * its bound: all bounds together are more than the calls.
 */
static uint32_t pick_by_hash(hf_balancer *balancer, int64_t now_ms, uint64_t hash)
{
    uint32_t best = NO_ENDPOINT;
    double best_score = -1;
    uint64_t sum = sum_of_weights(balancer, now_ms);
    for (uint32_t i = 0; i < balancer->count; i++) {
        const hf_endpoint *endpoint = &balancer->endpoints[i];
        uint64_t weight = takes_calls(endpoint) ? weight_of(balancer, endpoint, now_ms) : 0;
        if (weight == 0 || is_full(balancer, endpoint, weight, sum))
            continue;
        double u = ((double)(mix(hash ^ mix(endpoint->key)) >> 11) + 0.5) * 0x1p-53;
        double score = (double)weight / -log(u);
        if (score <= best_score)
            continue;
        best = i;
        best_score = score;
    }
    return best;
}

static uint32_t pick(hf_balancer *balancer, int64_t now_ms, uint64_t hash)
{
    if (balancer->how == HF_BALANCE_ROUND_ROBIN)
        return pick_in_turn(balancer, now_ms);
    if (balancer->how == HF_BALANCE_LEAST)
        return pick_least(balancer, now_ms);
    return pick_by_hash(balancer, now_ms, hash);
}

int hf_balancer_pick(hf_balancer *balancer, int64_t now_ms, uint64_t hash, uint32_t *index)
{
    int error = check(balancer);
    if (error != 0)
        return error;
    if (index == NULL)
        return HF_E_ARGUMENT;
    for (uint32_t i = 0; i < balancer->count; i++)
        look(&balancer->endpoints[i], now_ms);
    uint32_t best = pick(balancer, now_ms, hash);
    if (best == NO_ENDPOINT) {
        balancer->none += 1;
        return 0;
    }
    balancer->endpoints[best].in_flight += 1;
    balancer->endpoints[best].picked += 1;
    balancer->in_flight += 1;
    *index = best;
    return 1;
}

/* ---- Reporting ------------------------------------------------------------------------------- */

/* Whether one more may be ejected; one may always. */
static bool may_eject(const hf_balancer *balancer)
{
    uint64_t ejected = 0;
    for (uint32_t i = 0; i < balancer->count; i++)
        ejected += balancer->endpoints[i].ejected_until_ms != 0;
    uint64_t most = (uint64_t)balancer->count * balancer->ejected_max_hundredths / 100;
    return ejected < (most > 0 ? most : 1) && balancer->count > 1;
}

static void eject(const hf_balancer *balancer, hf_endpoint *endpoint, int64_t now_ms)
{
    int64_t span = balancer->eject_ms;
    for (uint32_t i = 0; i < endpoint->ejections && span < balancer->eject_max_ms; i++)
        span = span > balancer->eject_max_ms / 2 ? balancer->eject_max_ms : span * 2;
    if (!hf__add(now_ms, span, &endpoint->ejected_until_ms))
        endpoint->ejected_until_ms = INT64_MAX;
    endpoint->ejections += endpoint->ejections < UINT32_MAX;
    endpoint->failures = 0;
}

static void fail(const hf_balancer *balancer, hf_endpoint *endpoint, int64_t now_ms)
{
    endpoint->failed += 1;
    endpoint->failures += endpoint->failures < UINT32_MAX;
    if (balancer->failures_max != 0 && endpoint->failures >= balancer->failures_max &&
        endpoint->ejected_until_ms == 0 && may_eject(balancer))
        eject(balancer, endpoint, now_ms);
}

int hf_balancer_report(hf_balancer *balancer, int64_t now_ms, uint32_t index, uint32_t outcome)
{
    int error = check(balancer);
    if (error != 0)
        return error;
    if (index >= balancer->count || balancer->endpoints[index].in_flight == 0)
        return HF_E_ARGUMENT;
    if (outcome > HF_BREAKER_UNUSED)
        return HF_E_ENUM;
    hf_endpoint *endpoint = &balancer->endpoints[index];
    endpoint->in_flight -= 1;
    balancer->in_flight -= 1;
    look(endpoint, now_ms);
    if (outcome == HF_BREAKER_FAILURE)
        fail(balancer, endpoint, now_ms);
    if (outcome == HF_BREAKER_SUCCESS) {
        endpoint->failures = 0;
        endpoint->ejections = endpoint->ejected_until_ms == 0 ? 0 : endpoint->ejections;
    }
    return 0;
}

int hf_balancer_health(hf_balancer *balancer, int64_t now_ms, uint32_t index, uint32_t up)
{
    int error = check(balancer);
    if (error != 0)
        return error;
    if (index >= balancer->count || up > 1)
        return HF_E_ARGUMENT;
    hf_endpoint *endpoint = &balancer->endpoints[index];
    if (endpoint->down != 0 && up == 1) {
        endpoint->since_ms = now_ms;
        endpoint->ejected_until_ms = 0;
        endpoint->failures = 0;
    }
    endpoint->down = up == 0;
    return 0;
}
