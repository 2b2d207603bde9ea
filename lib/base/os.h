/*
 * os.h - system calls, behind tables so that tests can replace them. os.c alone makes them.
 *
 * Every function returns 0 (or a count) or HF_E_*: errno is translated once, here, and kept in
 * *native for the detail text.
 */
#ifndef HF_BASE_OS_H
#define HF_BASE_OS_H

#include "base/env.h"
#include <sys/types.h>

/* How a file is opened. */
typedef enum hf__open_mode {
    HF__OPEN_READ = 0,
    HF__OPEN_WRITE = 1,        /* read and write; must exist */
    HF__OPEN_CREATE = 2,       /* read and write; created 0600 when absent */
    HF__OPEN_CREATE_NEW = 3,   /* must not exist */
    HF__OPEN_CREATE_SHARED = 4 /* the same, 0644 less the process's umask: others may read it */
} hf__open_mode;

/* The result of stat. */
typedef struct hf__file_info {
    uint64_t device;
    uint64_t inode;
    uint64_t bytes;
    int64_t modified_ns; /* when it was last written, since 1970 */
    uint32_t is_folder;
    uint32_t is_file;
} hf__file_info;

#define HF__PLACE_MAX 4096u /* bytes of a path, its end included */

/*
 * Where a file is: a path that leads to it whatever becomes of the working folder, of the names of
 * the folders above it and of symbolic links among them. It leads through a descriptor of the
 * folder. Where the system has no /proc, it is the absolute path, which a renamed folder ends.
 */
typedef struct hf__place {
    int folder;                /* descriptor of its folder; -1: none */
    char path[HF__PLACE_MAX];  /* for system calls, while `folder` is open */
    char shown[HF__PLACE_MAX]; /* for texts: its absolute path when it was resolved */
} hf__place;

/*
 * `native` may be NULL; it is set only on failure. A lock belongs to the open file: it is refused
 * to a second open in the same process too, and close releases every lock, also for a child that
 * inherited it. So a child must not close what its parent opened: the parent would lose its lock. A
 * sync that fails must not be repeated: the second may succeed without the data being on disk.
 */
typedef struct hf__files {
    int (*open)(const char *path, uint32_t mode, int *fd, int *native); /* O_CLOEXEC, O_NOFOLLOW */
    void (*close)(int fd);
    /* *got is less than `bytes` only at the end of the file */
    int (*read_at)(int fd, void *out, size_t bytes, uint64_t offset, size_t *got, int *native);
    int (*write_at)(int fd, const void *data, size_t bytes, uint64_t offset, int *native);
    int (*sync)(int fd, int *native);
    int (*sync_folder)(const char *path, int *native);   /* the folder that holds `path` */
    int (*reserve)(int fd, uint64_t bytes, int *native); /* posix_fallocate from 0 */
    /*
     * Bytes that are free to this process on the file system of `path`, or of the folder that would
     * hold it. UINT64_MAX: the system does not say.
     */
    int (*space)(const char *path, uint64_t *bytes, int *native);
    int (*info)(const char *path, hf__file_info *out, int *native); /* HF_E_NOT_FOUND */
    int (*info_of)(int fd, hf__file_info *out, int *native);
    int (*make_folder)(const char *path, int *native); /* 0700; 0 also when it exists */
    int (*remove)(const char *path, int *native);
    int (*rename)(const char *from, const char *to, int *native);
    /* Never replaces a file: HF_E_EXISTS when `to` is there, whatever it is. */
    int (*rename_new)(const char *from, const char *to, int *native);
    int (*lock)(int fd, int *native); /* exclusive, not waiting: HF_E_LOCKED */
    /*
     * Locks of single bytes, which need not be in the file; not waiting: HF_E_LOCKED. They belong
     * to the open file too, and `lock` knows nothing of them. An exclusive one needs the right to
     * write the file. `unlock_bytes` is for a child as `close` is.
     */
    int (*lock_byte)(int fd, uint64_t at, bool exclusive, int *native);
    void (*unlock_bytes)(int fd, uint64_t at, uint64_t count);
    /*
     * *found is the first byte of a range that another open file has locked, UINT64_MAX when there
     * is none; with `exclusive` only exclusive locks count.
     */
    int (*find_lock)(int fd, uint64_t at, uint64_t count, bool exclusive, uint64_t *found,
                     int *native);
    /* Resolves the path of a file, which need not be there. HF_E_PATH when its folder is not. */
    int (*place)(const char *path, hf__place *out, int *native);
} hf__files;

/* The real ones. */
extern const hf__files hf__os_files;
extern const hf__threads hf__os_threads;

/*
 * The absolute path of a file, for calls that come later and may find another working folder; kept
 * in `place`, which is to be ended. `path` itself when its folder is not there: they say so.
 */
static inline const char *hf__place_absolute(const hf__files *files, const char *path,
                                             hf__place *place)
{
    return files->place(path, place, NULL) == 0 ? place->shown : path;
}

/* Ends the use of a place, also of one that could not be resolved. */
static inline void hf__place_end(const hf__files *files, hf__place *place)
{
    if (place->folder >= 0)
        files->close(place->folder);
    place->folder = -1;
}

/* The absolute path that an open file has now; false when it has none, or is not known. */
bool hf__os_name_of(int fd, char out[HF__PLACE_MAX]);

/* Clocks and random numbers for hf_env; the argument is not used. */
int64_t hf__os_wall_ms(void *unused);
int64_t hf__os_boot_ms(void *unused);
int64_t hf__os_steady_ns(void *unused);
int hf__os_random(void *unused, void *out, size_t bytes);

/*
 * HF_E_* for an errno value: NO_SPACE for ENOSPC and EDQUOT; READ_ONLY for EROFS, EACCES and EPERM;
 * PATH for ENOENT, ENOTDIR, EISDIR, ELOOP and ENAMETOOLONG; EXISTS; NOMEM; BUSY for EMFILE and
 * ENFILE; IO for the rest.
 */
int hf__os_error(int native);

/*
 * The cause of a failure for its detail: the system's own text of `native`, or the text of `error`
 * when `native` is 0. Lives until the next call on the same thread.
 */
const char *hf__os_text(int native, int error);

/*
 * Counts forks: changes in a child, so that what the parent opened can be refused there. Counted
 * from the first call on.
 */
uint32_t hf__os_fork_count(void);

/* The number of this process. */
uint32_t hf__os_process(void);

/* This thread's number, never 0 and never used again while the thread lives. */
uint64_t hf__os_thread_self(void);

/*
 * Asks for large pages behind a block that is large enough for them, before it is first used: reads
 * that are scattered over it then find their pages in the TLB. Where there are none, nothing
 * happens.
 */
void hf__os_large_pages(void *memory, size_t bytes);

/* Lets other threads run before this one continues. */
void hf__os_yield(void);

/* Lets the thread sleep, or until a signal comes. */
void hf__os_pause(uint32_t ms);

/* An event descriptor: made readable by raise, unreadable by clear. HF_E_BUSY (no
 * descriptor is free), HF_E_IO, HF_E_NOMEM. */
int hf__os_signal_fd(int *fd);
void hf__os_signal_raise(int fd);
void hf__os_signal_clear(int fd);

/*
 * Registers an open file by device and inode for the whole process; HF_E_OPEN_TWICE when it is
 * registered already (also under another name), HF_E_TOO_MANY when there are 64. The register of a
 * forked child starts empty. THREAD-SAFE, both.
 */
int hf__os_register_open(uint64_t device, uint64_t inode);
void hf__os_unregister_open(uint64_t device, uint64_t inode);

#endif
