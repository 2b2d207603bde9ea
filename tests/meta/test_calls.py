"""System calls stand in base/os.c, allocation in base; nothing ends or interrupts the host."""
import re

from harness import Control, run
from source import code_only, files, functions

SYSTEM = """
open openat creat close read write readv writev pread pwrite preadv pwritev lseek fsync fdatasync
sync_file_range ftruncate truncate fallocate posix_fallocate unlink unlinkat rename renameat link
symlink mkdir rmdir opendir readdir stat statvfs fstat lstat fstatat access chmod fchmod umask mmap munmap
msync mprotect flock lockf fcntl ioctl getpid getppid fork vfork execve posix_spawn waitpid kill
clock_gettime clock_getres gettimeofday time nanosleep clock_nanosleep usleep sleep getrandom
getentropy rand random srand drand48 getenv setenv socket connect bind listen accept poll select
epoll_wait eventfd pipe pipe2 dup dup2 memfd_create
""".split()
ALLOCATION = """
malloc calloc realloc reallocarray free strdup strndup asprintf vasprintf aligned_alloc
posix_memalign valloc alloca
""".split()
HOST = "abort exit _exit _Exit quick_exit atexit signal sigaction raise longjmp".split()

# rule: (names, files of lib/ that may, why not elsewhere)
RULES = [
    (SYSTEM, r"lib/base/os\.c$", "a system call belongs to base/os.c"),
    (ALLOCATION, r"lib/base/", "allocation goes through the engine's allocator"),
    (HOST, r"lib/base/", "the library never ends or interrupts its host"),
]

GNU_SOURCE = re.compile(r"^[ \t]*#[ \t]*define[ \t]+_GNU_SOURCE\b", re.MULTILINE)


def calls(code, names):
    # not a member (x->open, x.close), not part of another name, not a parameter list's own name
    pattern = r"(?<![\w.])(?<!->)(" + "|".join(names) + r")\s*\("
    own = {function.name for function in functions(code)}
    for match in re.finditer(pattern, code):
        if match.group(1) not in own:
            yield match


def check(root):
    problems = []
    for path, text in files(root, ["lib"]):
        code = code_only(text)
        if GNU_SOURCE.search(code) and path != "lib/base/os.c":
            problems.append(f"{path}: only lib/base/os.c defines _GNU_SOURCE")
        for names, allowed, why in RULES:
            if re.match(allowed, path):
                continue
            for match in calls(code, names):
                line = code.count("\n", 0, match.start()) + 1
                problems.append(f"{path}:{line}: {match.group(1)}(): {why}")
    return problems


def control(title, path, statement, expected):
    return Control(title, {path: f"static int f(void)\n{{\n    {statement}\n}}\n"}, expected)


CONTROLS = [
    control("a file opened by the engine", "lib/engine/a.c", "return open(p, 0);", "open()"),
    control("a flush outside os.c", "lib/base/file.c", "return fdatasync(fd);", "fdatasync()"),
    control("a clock read by a rule", "lib/domain/a.c", "return time(NULL);", "time()"),
    control("bare allocation", "lib/store/a.c", "return !malloc(8);", "malloc()"),
    control("a library that aborts", "lib/engine/a.c", "abort();", "abort()"),
    Control("_GNU_SOURCE elsewhere", {"lib/base/a.c": "#define _GNU_SOURCE\n"}, "_GNU_SOURCE"),
    control("calls in os.c", "lib/base/os.c", "return open(p, 0);", ""),
    control("members of that name", "lib/engine/a.c", "return s->open(p) + s.close(p);", ""),
    control("calls in comments and text", "lib/engine/a.c", '/* open(p) */ log("free()");', ""),
]

if __name__ == "__main__":
    run("system calls and allocation stand in base", check, CONTROLS)
