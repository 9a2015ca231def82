// syscall, memfd_create and the flags of mmap are of GNU, which C17 alone does not show on Linux.
#ifdef __linux__
#define _GNU_SOURCE
#endif

#include "CLazyMemory.h"

#include <errno.h>

#ifdef __linux__

#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

// Linux 5.11; older headers lack it.
#ifndef UFFD_USER_MODE_ONLY
#define UFFD_USER_MODE_ONLY 1
#endif

int mmlazy_open(void) {
    const int faults = (int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK | UFFD_USER_MODE_ONLY);
    if (faults == -1) return -1;
    struct uffdio_api api = {.api = UFFD_API, .features = 0};
    if (ioctl(faults, UFFDIO_API, &api) == 0) return faults;
    const int error = errno;
    close(faults);
    errno = error;
    return -1;
}

int mmlazy_open_stop(void) {
    return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
}

int mmlazy_stop(int stop) {
    return eventfd_write(stop, 1);
}

int mmlazy_open_nothing(void) {
    return memfd_create("nothing", MFD_CLOEXEC);
}

void *mmlazy_map(int faults, size_t length) {
    void *base = mmap(NULL, length, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (base == MAP_FAILED) return NULL;
    // A child would find zeros: its own copy of the mapping tells its faults to nobody.
    struct uffdio_register registration = {
        .range = {.start = (uintptr_t)base, .len = length},
        .mode = UFFDIO_REGISTER_MODE_MISSING,
    };
    if (madvise(base, length, MADV_DONTFORK) == 0 && ioctl(faults, UFFDIO_REGISTER, &registration) == 0) return base;
    const int error = errno;
    munmap(base, length);
    errno = error;
    return NULL;
}

int mmlazy_wait(int faults, int stop, uintptr_t *address) {
    for (;;) {
        struct pollfd ready[2] = {{.fd = faults, .events = POLLIN}, {.fd = stop, .events = POLLIN}};
        if (poll(ready, 2, -1) == -1) {
            if (errno == EINTR) continue;
            return -1;
        }
        if (ready[1].revents != 0) return 0;
        if (ready[0].revents & ~POLLIN) {
            errno = EIO;
            return -1;
        }
        struct uffd_msg message;
        const ssize_t count = read(faults, &message, sizeof message);
        // Another thread may have read the message that poll saw.
        if (count == -1 && (errno == EAGAIN || errno == EINTR)) continue;
        if (count != (ssize_t)sizeof message) return -1;
        if (message.event != UFFD_EVENT_PAGEFAULT) continue;
        *address = (uintptr_t)message.arg.pagefault.address;
        return 1;
    }
}

int mmlazy_wake(int faults, void *base, size_t length) {
    struct uffdio_range range = {.start = (uintptr_t)base, .len = length};
    return ioctl(faults, UFFDIO_WAKE, &range);
}

int mmlazy_fill(int faults, void *destination, const void *source, size_t length) {
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t done = 0;
    while (done < length) {
        // done < length keeps both ranges inside what the caller has.
        struct uffdio_copy copy = {
            .dst = (uintptr_t)destination + done,
            .src = (uintptr_t)source + done,
            .len = length - done,
        };
        if (ioctl(faults, UFFDIO_COPY, &copy) == 0) break;
        const int error = errno;
        // What was copied before it stopped; negative where that is nothing.
        if (copy.copy > 0) done += (size_t)copy.copy;
        if (copy.copy > 0 || error == EAGAIN) continue;
        if (error != EEXIST) {
            errno = error;
            return -1;
        }
        done += page;
    }
    return mmlazy_wake(faults, destination, length);
}

int mmlazy_poison(int faults, int nothing, void *base, size_t length) {
    // In the place of a part of the caller's own mapping.
    if (mmap(base, length, PROT_READ, MAP_SHARED | MAP_FIXED, nothing, 0) == MAP_FAILED) return -1;
    return mmlazy_wake(faults, base, length);
}

#else

static int refuse(void) {
    errno = ENOSYS;
    return -1;
}

int mmlazy_open(void) { return refuse(); }
int mmlazy_open_stop(void) { return refuse(); }
int mmlazy_stop(int stop) { return (void)stop, refuse(); }
int mmlazy_open_nothing(void) { return refuse(); }

void *mmlazy_map(int faults, size_t length) {
    (void)faults, (void)length, refuse();
    return NULL;
}

int mmlazy_wait(int faults, int stop, uintptr_t *address) {
    return (void)faults, (void)stop, (void)address, refuse();
}

int mmlazy_fill(int faults, void *destination, const void *source, size_t length) {
    return (void)faults, (void)destination, (void)source, (void)length, refuse();
}

int mmlazy_poison(int faults, int nothing, void *base, size_t length) {
    return (void)faults, (void)nothing, (void)base, (void)length, refuse();
}

int mmlazy_wake(int faults, void *base, size_t length) {
    return (void)faults, (void)base, (void)length, refuse();
}

#endif
