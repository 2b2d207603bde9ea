/*
 * os.c - the only file that calls the system. Linux, 64 bits.
 *
 * Happy path: each entry is one system call, repeated where a signal or a short count cut it off.
 *
 * Failure modes: errno becomes HF_E_* in fail(), nowhere else. A flush that fails is never
 * repeated: the kernel may have dropped the pages and would report success the second time.
 */
#define _GNU_SOURCE
#include "base/os.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

_Static_assert(sizeof(off_t) == 8, "file offsets have 64 bits");

#define PATH_BYTES   4096
#define THREAD_STACK ((size_t)2 << 20) /* musl's default of 128 KiB is too small for the stores */

/* ---- Errors ---------------------------------------------------------------------------------- */

typedef struct translation {
    int native;
    int error;
} translation;

static const translation translations[] = {
    {ENOSPC, HF_E_NO_SPACE},   {EDQUOT, HF_E_NO_SPACE}, {EROFS, HF_E_READ_ONLY},
    {EACCES, HF_E_READ_ONLY},  {EPERM, HF_E_READ_ONLY}, {ENOENT, HF_E_PATH},
    {ENOTDIR, HF_E_PATH},      {EISDIR, HF_E_PATH},     {ELOOP, HF_E_PATH},
    {ENAMETOOLONG, HF_E_PATH}, {EEXIST, HF_E_EXISTS},   {ENOMEM, HF_E_NOMEM},
    {EMFILE, HF_E_BUSY},       {ENFILE, HF_E_BUSY},
};

int hf__os_error(int native)
{
    for (size_t i = 0; i < sizeof translations / sizeof translations[0]; i++) {
        if (translations[i].native == native)
            return translations[i].error;
    }
    return HF_E_IO;
}

const char *hf__os_text(int native, int error)
{
    /* glibc since 2.32 and musl give each thread a text of its own. */
    return native > 0 ? strerror(native) : hf_error_text(error);
}

static int fail(int native, int *out)
{
    if (out != NULL)
        *out = native;
    return hf__os_error(native);
}

/* ---- Files ----------------------------------------------------------------------------------- */

static int file_open(const char *path, uint32_t mode, int *fd, int *native)
{
    static const int flags[] = {
        [HF__OPEN_READ] = O_RDONLY,
        [HF__OPEN_WRITE] = O_RDWR,
        [HF__OPEN_CREATE] = O_RDWR | O_CREAT,
        [HF__OPEN_CREATE_NEW] = O_RDWR | O_CREAT | O_EXCL,
        [HF__OPEN_CREATE_SHARED] = O_RDWR | O_CREAT | O_EXCL,
    };
    const mode_t others = mode == HF__OPEN_CREATE_SHARED ? S_IRGRP | S_IROTH : 0;
    *fd = -1;
    if (mode >= sizeof flags / sizeof flags[0])
        return fail(EINVAL, native);
    int opened;
    do
        opened = open(path, flags[mode] | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR | others);
    while (opened < 0 && errno == EINTR);
    if (opened < 0)
        return fail(errno, native);
    *fd = opened;
    return 0;
}

static void file_close(int fd)
{
    /* A child that was forked meanwhile shares the locks and would keep them alive. */
    struct flock all = {.l_type = F_UNLCK, .l_whence = SEEK_SET};
    (void)fcntl(fd, F_OFD_SETLK, &all);
    (void)flock(fd, LOCK_UN);
    (void)close(fd); /* on Linux the descriptor is closed whatever this returns */
}

static int file_read_at(int fd, void *out, size_t bytes, uint64_t offset, size_t *got, int *native)
{
    uint8_t *to = out;
    *got = 0;
    while (*got < bytes) {
        ssize_t step = pread(fd, to + *got, bytes - *got, (off_t)(offset + *got));
        if (step < 0 && errno == EINTR)
            continue;
        if (step < 0)
            return fail(errno, native);
        if (step == 0)
            break; /* the end of the file */
        *got += (size_t)step;
    }
    return 0;
}

static int file_write_at(int fd, const void *data, size_t bytes, uint64_t offset, int *native)
{
    const uint8_t *from = data;
    size_t done = 0;
    while (done < bytes) {
        ssize_t step = pwrite(fd, from + done, bytes - done, (off_t)(offset + done));
        if (step < 0 && errno == EINTR)
            continue;
        if (step <= 0)
            return fail(step < 0 ? errno : EIO, native);
        done += (size_t)step;
    }
    return 0;
}

static int file_sync(int fd, int *native)
{
    return fdatasync(fd) == 0 ? 0 : fail(errno, native);
}

/* The folder that holds `path`, into `folder`. False when it is too long. */
static bool folder_of(const char *path, char folder[PATH_BYTES])
{
    size_t end = strlen(path);
    while (end > 1 && path[end - 1] == '/')
        end--;
    while (end > 0 && path[end - 1] != '/')
        end--;
    while (end > 1 && path[end - 1] == '/')
        end--;
    if (end >= PATH_BYTES)
        return false;
    if (end == 0) {
        memcpy(folder, ".", sizeof ".");
        return true;
    }
    memcpy(folder, path, end);
    folder[end] = '\0';
    return true;
}

static int file_sync_folder(const char *path, int *native)
{
    char folder[PATH_BYTES];
    if (!folder_of(path, folder))
        return fail(ENAMETOOLONG, native);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return fail(errno, native);
    int error = 0;
    /* EINVAL: a file system that cannot flush a folder has nothing of it to flush. */
    if (fsync(fd) != 0 && errno != EINVAL)
        error = fail(errno, native);
    (void)close(fd);
    return error;
}

static int file_reserve(int fd, uint64_t bytes, int *native)
{
    if (bytes == 0)
        return 0;
    if (bytes > INT64_MAX)
        return fail(EFBIG, native);
    int result; /* not by way of errno */
    do
        result = posix_fallocate(fd, 0, (off_t)bytes);
    while (result == EINTR);
    return result == 0 ? 0 : fail(result, native);
}

static void set_info(const struct stat *found, hf__file_info *out)
{
    out->device = (uint64_t)found->st_dev;
    out->inode = (uint64_t)found->st_ino;
    out->bytes = (uint64_t)found->st_size;
    out->modified_ns = (int64_t)found->st_mtim.tv_sec * 1000000000 + found->st_mtim.tv_nsec;
    out->is_folder = S_ISDIR(found->st_mode) ? 1 : 0;
    out->is_file = S_ISREG(found->st_mode) ? 1 : 0;
}

/* The superuser may also take what is kept for it. */
static int file_space(const char *path, uint64_t *bytes, int *native)
{
    struct statvfs found;
    char folder[PATH_BYTES];
    *bytes = UINT64_MAX;
    int result = statvfs(path, &found);
    if (result != 0 && errno == ENOENT && folder_of(path, folder))
        result = statvfs(folder, &found);
    if (result != 0)
        return fail(errno, native);
    if (found.f_blocks != 0) /* else a file system that counts no blocks */
        *bytes = (geteuid() == 0 ? found.f_bfree : found.f_bavail) * (uint64_t)found.f_frsize;
    return 0;
}

static int file_info(const char *path, hf__file_info *out, int *native)
{
    struct stat found;
    memset(out, 0, sizeof *out);
    if (stat(path, &found) != 0) {
        int error = fail(errno, native);
        return errno == ENOENT ? HF_E_NOT_FOUND : error;
    }
    set_info(&found, out);
    return 0;
}

static int file_info_of(int fd, hf__file_info *out, int *native)
{
    struct stat found;
    memset(out, 0, sizeof *out);
    if (fstat(fd, &found) != 0)
        return fail(errno, native);
    set_info(&found, out);
    return 0;
}

static int file_make_folder(const char *path, int *native)
{
    if (mkdir(path, S_IRWXU) == 0)
        return 0;
    int native_error = errno;
    struct stat found;
    if (native_error == EEXIST && stat(path, &found) == 0)
        return S_ISDIR(found.st_mode) ? 0 : fail(ENOTDIR, native);
    return fail(native_error, native);
}

static int file_remove(const char *path, int *native)
{
    return remove(path) == 0 ? 0 : fail(errno, native);
}

static int file_rename(const char *from, const char *to, int *native)
{
    return rename(from, to) == 0 ? 0 : fail(errno, native);
}

/*
 * The system call itself, because not every C library has a function for it. A file system that
 * cannot refuse (EINVAL) or an old kernel (ENOSYS) leaves a moment between the check and the
 * rename.
 */
static int file_rename_new(const char *from, const char *to, int *native)
{
    const unsigned no_replace = 1; /* RENAME_NOREPLACE of linux/fs.h */
    if (syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, no_replace) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS)
        return fail(errno, native);
    struct stat found;
    if (lstat(to, &found) == 0)
        return fail(EEXIST, native);
    return file_rename(from, to, native);
}

/*
 * flock, because it belongs to the open file and not to the process: a second open is refused in
 * the same process too, and closing another descriptor of the file does not drop it.
 */
static int file_lock(int fd, int *native)
{
    if (flock(fd, LOCK_EX | LOCK_NB) == 0)
        return 0;
    int error = fail(errno, native);
    return errno == EWOULDBLOCK ? HF_E_LOCKED : error;
}

/* Open file description locks: POSIX locks that belong to the open file. */
static struct flock bytes_at(uint64_t at, uint64_t count, bool exclusive)
{
    return (struct flock){.l_type = exclusive ? F_WRLCK : F_RDLCK,
                          .l_whence = SEEK_SET,
                          .l_start = (off_t)at,
                          .l_len = (off_t)count};
}

static int file_lock_byte(int fd, uint64_t at, bool exclusive, int *native)
{
    struct flock lock = bytes_at(at, 1, exclusive);
    if (fcntl(fd, F_OFD_SETLK, &lock) == 0)
        return 0;
    int error = fail(errno, native);
    if (errno == EAGAIN || errno == EACCES)
        return HF_E_LOCKED;
    return error;
}

static void file_unlock_bytes(int fd, uint64_t at, uint64_t count)
{
    struct flock lock = bytes_at(at, count, false);
    lock.l_type = F_UNLCK;
    (void)fcntl(fd, F_OFD_SETLK, &lock);
}

/* The system returns any lock of a range, so the part before that lock is queried again. */
static int file_find_lock(int fd, uint64_t at, uint64_t count, bool exclusive, uint64_t *found,
                          int *native)
{
    *found = UINT64_MAX;
    while (count != 0) {
        /* Only exclusive locks conflict with a shared one. */
        struct flock lock = bytes_at(at, count, !exclusive);
        if (fcntl(fd, F_OFD_GETLK, &lock) != 0)
            return fail(errno, native);
        if (lock.l_type == F_UNLCK)
            return 0;
        *found = (uint64_t)lock.l_start < at ? at : (uint64_t)lock.l_start;
        count = *found - at;
    }
    return 0;
}

/* ---- Places ---------------------------------------------------------------------------------- */

/* The file behind a descriptor, as a path that needs no name; false where there is no /proc. */
static bool link_of(int fd, char out[PATH_BYTES])
{
    struct stat named;
    struct stat opened;
    /* /proc/self does not work after the first thread has ended, while other threads use the
       path. */
    static const char *const folders[] = {"/proc/thread-self/fd", "/proc/self/fd"};
    if (fstat(fd, &opened) != 0)
        return false;
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        (void)snprintf(out, PATH_BYTES, "%s/%d", folders[i], fd);
        if (stat(out, &named) == 0 && named.st_dev == opened.st_dev &&
            named.st_ino == opened.st_ino)
            return true;
    }
    return false;
}

/* Writes FOLDER/NAME. 0 or ENAMETOOLONG. */
static int join(const char *folder, const char *name, char out[HF__PLACE_MAX])
{
    const char *slash = strcmp(folder, "/") == 0 ? "" : "/";
    int length = snprintf(out, HF__PLACE_MAX, "%s%s%s", folder, slash, name);
    if (length > 0 && length < (int)HF__PLACE_MAX)
        return 0;
    return ENAMETOOLONG;
}

/* Fills the texts of a place whose folder is open. 0 or an errno. */
static int write_place(hf__place *place, const char *folder, const char *name)
{
    char through[PATH_BYTES];
    char absolute[PATH_BYTES];
    bool linked = link_of(place->folder, through);
    ssize_t bytes = linked ? readlink(through, absolute, sizeof absolute - 1) : -1;
    if (bytes >= 0)
        absolute[bytes] = '\0';
    else if (realpath(folder, absolute) == NULL)
        return errno;
    int native = join(absolute, name, place->shown);
    if (native != 0)
        return native;
    return join(linked ? through : absolute, name, place->path);
}

bool hf__os_name_of(int fd, char out[HF__PLACE_MAX])
{
    char through[PATH_BYTES];
    struct stat opened;
    struct stat named;
    ssize_t bytes = link_of(fd, through) ? readlink(through, out, HF__PLACE_MAX - 1) : -1;
    out[bytes < 0 ? 0 : bytes] = '\0';
    return fstat(fd, &opened) == 0 && lstat(out, &named) == 0 && named.st_dev == opened.st_dev &&
           named.st_ino == opened.st_ino;
}

static int file_place(const char *path, hf__place *out, int *native)
{
    char folder[PATH_BYTES];
    const char *slash = strrchr(path, '/');
    const char *name = slash == NULL ? path : slash + 1;
    *out = (hf__place){.folder = -1};
    if (name[0] == '\0')
        return fail(path[0] == '\0' ? ENOENT : EISDIR, native);
    if (!folder_of(path, folder))
        return fail(ENAMETOOLONG, native);
    out->folder = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    int error = out->folder < 0 ? errno : write_place(out, folder, name);
    if (error == 0)
        return 0;
    hf__place_end(&hf__os_files, out);
    return fail(error, native);
}

const hf__files hf__os_files = {
    .open = file_open,
    .close = file_close,
    .read_at = file_read_at,
    .write_at = file_write_at,
    .sync = file_sync,
    .sync_folder = file_sync_folder,
    .reserve = file_reserve,
    .space = file_space,
    .info = file_info,
    .info_of = file_info_of,
    .make_folder = file_make_folder,
    .remove = file_remove,
    .rename = file_rename,
    .rename_new = file_rename_new,
    .lock = file_lock,
    .lock_byte = file_lock_byte,
    .unlock_bytes = file_unlock_bytes,
    .find_lock = file_find_lock,
    .place = file_place,
};

/* ---- Clocks and random numbers --------------------------------------------------------------- */

static int64_t read_clock(clockid_t clock)
{
    struct timespec now = {0};
    (void)clock_gettime(clock, &now); /* both clocks exist since Linux 2.6.39 */
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t hf__os_wall_ms(void *unused)
{
    (void)unused;
    return read_clock(CLOCK_REALTIME);
}

int64_t hf__os_boot_ms(void *unused)
{
    (void)unused;
    return read_clock(CLOCK_BOOTTIME);
}

int64_t hf__os_steady_ns(void *unused)
{
    (void)unused;
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int hf__os_random(void *unused, void *out, size_t bytes)
{
    (void)unused;
    uint8_t *to = out;
    while (bytes > 0) {
        ssize_t step = getrandom(to, bytes, 0);
        if (step < 0 && errno == EINTR)
            continue;
        if (step <= 0)
            return HF_E_IO;
        to += step;
        bytes -= (size_t)step;
    }
    return 0;
}

/* ---- Threads --------------------------------------------------------------------------------- */

typedef struct thread {
    pthread_t native;
    void (*run)(void *);
    void *data;
} thread;

static void *thread_main(void *self)
{
    const thread *started = self;
    started->run(started->data);
    return NULL;
}

/* Signals are the host's: a thread of the library starts with all of them blocked. */
static int start_quietly(thread *made, const pthread_attr_t *attributes)
{
    sigset_t all;
    sigset_t before;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    int result = pthread_create(&made->native, attributes, thread_main, made);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return result;
}

static int thread_start(void **out, void (*run)(void *), void *data)
{
    *out = NULL;
    thread *made = calloc(1, sizeof *made);
    if (made == NULL)
        return HF_E_NOMEM;
    made->run = run;
    made->data = data;
    pthread_attr_t attributes;
    int result = pthread_attr_init(&attributes);
    if (result == 0) {
        (void)pthread_attr_setstacksize(&attributes, THREAD_STACK);
        result = start_quietly(made, &attributes);
        (void)pthread_attr_destroy(&attributes);
    }
    if (result != 0) {
        free(made);
        return HF_E_NOMEM;
    }
    *out = made;
    return 0;
}

static void thread_join(void *joined)
{
    thread *ended = joined;
    if (ended == NULL)
        return;
    (void)pthread_join(ended->native, NULL);
    free(ended);
}

const hf__threads hf__os_threads = {.start = thread_start, .join = thread_join};

uint64_t hf__os_thread_self(void)
{
    static atomic_uint_fast64_t last;
    static _Thread_local uint64_t self;
    if (self == 0)
        self = atomic_fetch_add_explicit(&last, 1, memory_order_relaxed) + 1;
    return self;
}

#define LARGE_PAGE ((uintptr_t)2 << 20)

void hf__os_large_pages(void *memory, size_t bytes)
{
    const size_t before = (size_t)(-(uintptr_t)memory % LARGE_PAGE);
    if (bytes >= before + LARGE_PAGE)
        (void)madvise((uint8_t *)memory + before, bytes - before, MADV_HUGEPAGE);
}

/* ---- Event descriptors ----------------------------------------------------------------------- */

void hf__os_yield(void)
{
    (void)sched_yield();
}

void hf__os_pause(uint32_t ms)
{
    const struct timespec wait = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};
    (void)nanosleep(&wait, NULL);
}

int hf__os_signal_fd(int *fd)
{
    *fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return *fd >= 0 ? 0 : hf__os_error(errno);
}

void hf__os_signal_raise(int fd)
{
    const uint64_t one = 1;
    /* EAGAIN: raised 2^64 - 2 times already, so it is readable. */
    while (write(fd, &one, sizeof one) < 0 && errno == EINTR) {
    }
}

void hf__os_signal_clear(int fd)
{
    uint64_t raised;
    /* EAGAIN: not raised. */
    while (read(fd, &raised, sizeof raised) < 0 && errno == EINTR) {
    }
}

uint32_t hf__os_process(void)
{
    return (uint32_t)getpid();
}
