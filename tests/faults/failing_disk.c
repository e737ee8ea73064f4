/* Lets the nth call on files below a folder fail, once or for ever. Loaded in front of libc by LD_PRELOAD in tests. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static char below[4096];
static long at, seen;
static int for_ever, with;

void disk_fails(const char *folder, long nth, int lasting, int error) {
    strncpy(below, folder, sizeof below - 1);
    seen = 0; at = nth; for_ever = lasting; with = error;
}

long disk_calls(void) { return seen; }

static int fails(const char *path) {
    if (!below[0] || strncmp(path, below, strlen(below))) return 0;
    long number = __sync_add_and_fetch(&seen, 1);
    if (!(number == at || (for_ever && number > at && at))) return 0;
    errno = with;
    return 1;
}

static int fails_on(int fd) {
    char link[64], path[4096];
    if (!below[0]) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t size = readlink(link, path, sizeof path - 1);
    if (size < 0) return 0;
    path[size] = 0;
    return fails(path);
}

#define REAL(result, name, ...) static result (*real)(__VA_ARGS__); if (!real) *(void **)&real = dlsym(RTLD_NEXT, name)

#define ON_FILE(result, name, parameters, arguments, ...) \
    result name parameters { REAL(result, #name, __VA_ARGS__); return fails_on(fd) ? -1 : real arguments; }

ON_FILE(ssize_t, read, (int fd, void *b, size_t n), (fd, b, n), int, void *, size_t)
ON_FILE(ssize_t, write, (int fd, const void *b, size_t n), (fd, b, n), int, const void *, size_t)
ON_FILE(ssize_t, pread, (int fd, void *b, size_t n, off_t o), (fd, b, n, o), int, void *, size_t, off_t)
ON_FILE(ssize_t, pread64, (int fd, void *b, size_t n, off64_t o), (fd, b, n, o), int, void *, size_t, off64_t)
ON_FILE(ssize_t, pwrite, (int fd, const void *b, size_t n, off_t o), (fd, b, n, o), int, const void *, size_t, off_t)
ON_FILE(ssize_t, pwrite64, (int fd, const void *b, size_t n, off64_t o), (fd, b, n, o), int, const void *, size_t, off64_t)
ON_FILE(int, fsync, (int fd), (fd), int)
ON_FILE(int, fdatasync, (int fd), (fd), int)
ON_FILE(int, ftruncate, (int fd, off_t n), (fd, n), int, off_t)
ON_FILE(int, ftruncate64, (int fd, off64_t n), (fd, n), int, off64_t)

#define ON_NAMES(name) \
    int name(const char *from, const char *to) { REAL(int, #name, const char *, const char *); return fails(from) ? -1 : real(from, to); }

ON_NAMES(rename)
ON_NAMES(link)

#define ON_OPEN(name) \
    int name(const char *path, int flags, ...) { \
        REAL(int, #name, const char *, int, ...); \
        va_list more; va_start(more, flags); mode_t mode = va_arg(more, mode_t); va_end(more); \
        return fails(path) ? -1 : real(path, flags, mode); }

ON_OPEN(open)
ON_OPEN(open64)
