#include "bench.h"
int bench_redis(const bench_run *run, bench_result *out)
{
    (void)run;
    (void)out;
    return -1;
}
const char *bench_redis_missing(void)
{
    return "not yet";
}
