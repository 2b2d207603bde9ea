#include "bench.h"
int bench_postgres(const bench_run *run, bench_result *out)
{
    (void)run;
    (void)out;
    return -1;
}
const char *bench_postgres_missing(void)
{
    return "not yet";
}
