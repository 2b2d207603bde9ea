/*
 * Each file has two contents: as a reader sees it, and as it is on the medium. A flush copies the
 * first over the second; a crash copies back, sector by sector, what luck kept.
 */
#include "support/disk.h"
#include "support/random.h"

#include <holdfast/error.h>
#include <stdlib.h>
#include <string.h>

#define FILES_MAX 96
#define SECTOR    512u
#define PATH_MAX_ 200

typedef struct file {
    char path[PATH_MAX_]; /* empty: free */
    char was[PATH_MAX_];  /* the name before, while the folder was not flushed; empty: none */
    uint8_t *seen;
    uint8_t *kept;
    uint64_t seen_bytes;
    uint64_t kept_bytes;
    bool is_folder;
    bool named; /* its folder was flushed since it was made */
} file;

static struct {
    hf_test_random random;
    uint64_t changes;
    uint64_t fail_at;
    disk_fault fault;
    bool failed;
    bool dead;
    bool lies;
    bool full; /* since the last call, which could reserve nothing */
    file files[FILES_MAX];
} disk;

void disk_init(uint64_t seed)
{
    for (int i = 0; i < FILES_MAX; i++) {
        free(disk.files[i].seen);
        free(disk.files[i].kept);
    }
    memset(&disk, 0, sizeof disk);
    disk.random.state = seed;
}

void disk_fail_at(uint64_t n, disk_fault fault)
{
    disk.fail_at = n == 0 ? 0 : disk.changes + n;
    disk.fault = fault;
    disk.failed = false;
}

uint64_t disk_changes(void)
{
    return disk.changes;
}

bool disk_has_failed(void)
{
    return disk.failed;
}

static file *find(const char *path)
{
    for (int i = 0; i < FILES_MAX; i++)
        if (disk.files[i].path[0] != '\0' && strcmp(disk.files[i].path, path) == 0)
            return &disk.files[i];
    return NULL;
}

static void forget(file *of)
{
    free(of->seen);
    free(of->kept);
    memset(of, 0, sizeof *of);
}

/* Makes a content longer; new bytes are zeros. */
static void extend(uint8_t **content, uint64_t *bytes, uint64_t to)
{
    if (to <= *bytes)
        return;
    *content = realloc(*content, to);
    memset(*content + *bytes, 0, to - *bytes);
    *bytes = to;
}

/* What a change is, as bits: a fault waits for one that it can hit. */
enum { WRITES = 1, FLUSHES = 2, OTHERS = 4, RESERVES = 8 };

static bool hits(disk_fault fault, uint32_t kind)
{
    static const uint32_t kinds[] = {
        [DISK_CRASH] = WRITES | FLUSHES | OTHERS | RESERVES,
        [DISK_FULL] = WRITES | RESERVES,
        [DISK_SYNC] = FLUSHES,
        [DISK_LIES] = WRITES | FLUSHES | OTHERS | RESERVES,
    };
    return (kinds[fault] & kind) != 0;
}

/* Counts a change: what becomes of it. */
static disk_fault gate(uint32_t kind)
{
    disk.changes++;
    disk.full = disk.full && kind == RESERVES;
    if (disk.dead)
        return DISK_CRASH;
    bool waits = disk.fail_at == 0 || disk.changes < disk.fail_at || disk.failed;
    if (waits || !hits(disk.fault, kind))
        return DISK_SOUND;
    disk.failed = true;
    disk.dead = disk.fault == DISK_CRASH;
    disk.lies = disk.fault == DISK_LIES;
    return disk.fault;
}

static void flush(file *of)
{
    extend(&of->kept, &of->kept_bytes, of->seen_bytes);
    if (of->seen_bytes != 0)
        memcpy(of->kept, of->seen, of->seen_bytes);
}

/* Luck keeps any sector of what was not flushed. */
static void keep_some(file *of)
{
    uint32_t chance = hf_test_below(&disk.random, 5); /* of four: none, few, ..., all */
    if (of->seen_bytes > of->kept_bytes && hf_test_below(&disk.random, 4) < chance)
        extend(&of->kept, &of->kept_bytes, of->seen_bytes);
    for (uint64_t at = 0; at < of->kept_bytes && at < of->seen_bytes; at += SECTOR) {
        uint64_t bytes = of->kept_bytes - at < SECTOR ? of->kept_bytes - at : SECTOR;
        if (hf_test_below(&disk.random, 4) < chance)
            memcpy(of->kept + at, of->seen + at, bytes);
    }
}

void disk_restart(void)
{
    disk.dead = false;
    disk.lies = false;
    disk.fail_at = 0;
}

void disk_crash(void)
{
    for (int i = 0; i < FILES_MAX; i++) {
        file *of = &disk.files[i];
        if (of->path[0] == '\0')
            continue;
        if (!of->named && hf_test_below(&disk.random, 2) == 0) {
            if (of->was[0] == '\0') {
                forget(of);
                continue;
            }
            memcpy(of->path, of->was, sizeof of->path);
        }
        of->was[0] = '\0';
        keep_some(of);
        free(of->seen);
        of->seen = NULL;
        of->seen_bytes = 0;
        extend(&of->seen, &of->seen_bytes, of->kept_bytes);
        if (of->kept_bytes != 0)
            memcpy(of->seen, of->kept, of->kept_bytes);
        of->named = true;
    }
    disk_restart();
}

bool disk_damage(const char *path, uint64_t offset, uint8_t bits)
{
    file *of = find(path);
    if (of == NULL || offset >= of->seen_bytes)
        return false;
    of->seen[offset] ^= bits;
    flush(of);
    return true;
}

uint64_t disk_bytes(const char *path)
{
    const file *of = find(path);
    return of == NULL ? 0 : of->seen_bytes;
}

/* ---- The table ---- */

static int fail(int code, int *native)
{
    if (native != NULL)
        *native = 0;
    return code;
}

static int make(const char *path, bool is_folder, int *fd, int *native)
{
    if (gate(OTHERS) == DISK_CRASH)
        return fail(HF_E_IO, native);
    for (int i = 0; i < FILES_MAX; i++) {
        file *of = &disk.files[i];
        if (of->path[0] != '\0')
            continue;
        (void)snprintf(of->path, sizeof of->path, "%s", path);
        of->is_folder = is_folder;
        *fd = i;
        return 0;
    }
    return fail(HF_E_NO_SPACE, native);
}

static int disk_open(const char *path, uint32_t mode, int *fd, int *native)
{
    file *of = find(path);
    *fd = -1;
    if (of != NULL) {
        *fd = (int)(of - disk.files);
        return 0;
    }
    return mode < HF__OPEN_CREATE ? fail(HF_E_PATH, native) : make(path, false, fd, native);
}

static void disk_close(int fd)
{
    (void)fd;
}

static int disk_read_at(int fd, void *out, size_t bytes, uint64_t offset, size_t *got, int *native)
{
    const file *of = &disk.files[fd];
    *got = 0;
    if (disk.dead)
        return fail(HF_E_IO, native);
    if (offset >= of->seen_bytes)
        return 0;
    *got = of->seen_bytes - offset < bytes ? (size_t)(of->seen_bytes - offset) : bytes;
    memcpy(out, of->seen + offset, *got);
    return 0;
}

static int disk_write_at(int fd, const void *data, size_t bytes, uint64_t offset, int *native)
{
    file *of = &disk.files[fd];
    bool dead = disk.dead;
    disk_fault fault = gate(WRITES);
    size_t done = fault == DISK_SOUND || fault == DISK_LIES
                      ? bytes
                      : hf_test_below(&disk.random, (uint32_t)bytes + 1);
    if (!dead && done != 0) {
        extend(&of->seen, &of->seen_bytes, offset + done);
        memcpy(of->seen + offset, data, done);
    }
    if (fault == DISK_FULL)
        return fail(HF_E_NO_SPACE, native);
    return fault == DISK_CRASH ? fail(HF_E_IO, native) : 0;
}

static int disk_sync(int fd, int *native)
{
    disk_fault fault = gate(FLUSHES);
    if (fault == DISK_SYNC || fault == DISK_CRASH)
        return fail(HF_E_IO, native);
    if (!disk.lies)
        flush(&disk.files[fd]);
    return 0;
}

/* True for what stands in the folder of `path`. */
static bool beside(const char *path, const char *other)
{
    const char *end = strrchr(path, '/');
    const char *other_end = strrchr(other, '/');
    return end != NULL && other_end != NULL && end - path == other_end - other &&
           strncmp(path, other, (size_t)(end - path)) == 0;
}

static int disk_sync_folder(const char *path, int *native)
{
    disk_fault fault = gate(FLUSHES);
    if (fault == DISK_SYNC || fault == DISK_CRASH)
        return fail(HF_E_IO, native);
    for (int i = 0; !disk.lies && i < FILES_MAX; i++)
        if (disk.files[i].path[0] != '\0' && beside(path, disk.files[i].path)) {
            disk.files[i].named = true;
            disk.files[i].was[0] = '\0';
        }
    return 0;
}

static int disk_reserve(int fd, uint64_t bytes, int *native)
{
    disk_fault fault = gate(RESERVES);
    disk.full = disk.full || fault == DISK_FULL;
    if (disk.full)
        return fail(HF_E_NO_SPACE, native);
    if (fault == DISK_CRASH)
        return fail(HF_E_IO, native);
    extend(&disk.files[fd].seen, &disk.files[fd].seen_bytes, bytes);
    return 0;
}

static int disk_info(const char *path, hf__file_info *out, int *native)
{
    const file *of = find(path);
    memset(out, 0, sizeof *out);
    if (disk.dead)
        return fail(HF_E_IO, native);
    if (of == NULL)
        return fail(HF_E_NOT_FOUND, native);
    out->inode = (uint64_t)(of - disk.files) + 1;
    out->bytes = of->seen_bytes;
    out->is_folder = of->is_folder ? 1 : 0;
    out->is_file = of->is_folder ? 0 : 1;
    return 0;
}

static int disk_make_folder(const char *path, int *native)
{
    int fd;
    return find(path) != NULL ? 0 : make(path, true, &fd, native);
}

static int disk_remove(const char *path, int *native)
{
    if (gate(OTHERS) == DISK_CRASH)
        return fail(HF_E_IO, native);
    file *of = find(path);
    if (of == NULL)
        return fail(HF_E_PATH, native);
    forget(of);
    return 0;
}

static int disk_rename(const char *from, const char *to, int *native)
{
    if (gate(OTHERS) == DISK_CRASH)
        return fail(HF_E_IO, native);
    file *of = find(from);
    if (of == NULL)
        return fail(HF_E_PATH, native);
    file *over = find(to);
    if (over != NULL && over != of)
        forget(over);
    if (of->named)
        memcpy(of->was, of->path, sizeof of->was);
    of->named = false;
    (void)snprintf(of->path, sizeof of->path, "%s", to);
    return 0;
}

static int disk_lock(int fd, int *native)
{
    (void)fd;
    (void)native;
    return 0;
}

static int disk_place(const char *path, hf__place *out, int *native)
{
    (void)native;
    out->folder = -1;
    (void)snprintf(out->path, sizeof out->path, "%s", path);
    (void)snprintf(out->shown, sizeof out->shown, "%s", path);
    return 0;
}

static int disk_space(const char *path, uint64_t *bytes, int *native)
{
    (void)path;
    (void)native;
    *bytes = UINT64_MAX;
    return 0;
}

const hf__files disk_files = {
    .open = disk_open,
    .close = disk_close,
    .read_at = disk_read_at,
    .write_at = disk_write_at,
    .sync = disk_sync,
    .sync_folder = disk_sync_folder,
    .reserve = disk_reserve,
    .space = disk_space,
    .info = disk_info,
    .make_folder = disk_make_folder,
    .remove = disk_remove,
    .rename = disk_rename,
    .lock = disk_lock,
    .place = disk_place,
};
