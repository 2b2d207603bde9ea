/*
 * machine.c - what a reader must know to compare figures: read from /proc and the libraries.
 */
#include "machine.h"

#include <holdfast.h>
#include <lmdb.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#define TEXT_BYTES 256

/* The value behind "key" and a colon in a file of /proc; "?" when there is none. */
static void read_value(const char *path, const char *key, char out[TEXT_BYTES])
{
    char line[1024];
    FILE *file = fopen(path, "r");
    (void)snprintf(out, TEXT_BYTES, "?");
    while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
        const char *colon = strchr(line, ':');
        if (colon == NULL || strncmp(line, key, strlen(key)) != 0)
            continue;
        colon += 1 + strspn(colon + 1, " \t");
        (void)snprintf(out, TEXT_BYTES, "%.*s", (int)strcspn(colon, "\n"), colon);
        break;
    }
    if (file != NULL)
        (void)fclose(file);
}

/* Device and type of the file system with the longest mount point that `path` begins with. */
static void read_mount(const char *path, char out[TEXT_BYTES])
{
    char line[1024];
    char device[256];
    char at[256];
    char type[64];
    size_t best = 0;
    FILE *file = fopen("/proc/self/mounts", "r");
    (void)snprintf(out, TEXT_BYTES, "?");
    while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
        if (sscanf(line, "%255s %255s %63s", device, at, type) != 3)
            continue;
        size_t length = strlen(at);
        bool inside = strncmp(path, at, length) == 0 &&
                      (length == 1 || path[length] == '/' || path[length] == '\0');
        if (inside && length >= best) {
            best = length;
            (void)snprintf(out, TEXT_BYTES, "%.60s on %.180s", type, device);
        }
    }
    if (file != NULL)
        (void)fclose(file);
}

void machine_write(FILE *to, const char *prefix, const char *folder)
{
    char text[TEXT_BYTES];
    char date[64];
    char text_of_load[64] = "";
    struct utsname system;
    time_t now = time(NULL);
    struct tm parts;
    (void)uname(&system);
    read_value("/proc/cpuinfo", "model name", text);
    (void)fprintf(to, "%smachine: %s, %ld processors", prefix, text, sysconf(_SC_NPROCESSORS_ONLN));
    read_value("/proc/meminfo", "MemTotal", text);
    FILE *average = fopen("/proc/loadavg", "r");
    if (average != NULL && fgets(text_of_load, sizeof(text_of_load), average) == NULL)
        text_of_load[0] = '\0';
    if (average != NULL)
        (void)fclose(average);
    (void)fprintf(to, ", %s memory, load %.1f\n", text, strtod(text_of_load, NULL));
    char here[4096] = "";
    bool is_relative = folder[0] != '/' && getcwd(here, sizeof(here)) != NULL;
    read_mount(is_relative ? here : folder, text);
    (void)fprintf(to, "%skernel: %s %s; file system: %s\n", prefix, system.sysname, system.release,
                  text);
    (void)fprintf(to, "%sversions: holdfast %s, LMDB %d.%d.%d, SQLite %s, compiler %s\n", prefix,
                  hf_version(), MDB_VERSION_MAJOR, MDB_VERSION_MINOR, MDB_VERSION_PATCH,
                  sqlite3_libversion(), __VERSION__);
    (void)strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &parts));
    (void)fprintf(to, "%sdate: %s\n", prefix, date);
}
