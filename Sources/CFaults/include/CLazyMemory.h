#pragma once
#include <stddef.h>
#include <stdint.h>

/// Memory that another thread fills when it is touched: userfaultfd(2) of Linux, user mode only, which needs no
/// privilege. All functions give -1 with errno set where they fail; elsewhere than on Linux all fail with ENOSYS.

/// A descriptor that page faults are read from; closed with close.
int mmlazy_open(void);

/// A descriptor that `mmlazy_wait` ends by, once `mmlazy_stop` was called; closed with close.
int mmlazy_open_stop(void);
int mmlazy_stop(int stop);

/// A file of no bytes, whose mapping faults wherever it is touched; closed with close.
int mmlazy_open_nothing(void);

/// `length` bytes of fresh address space, whole pages, whose faults `faults` tells; NULL where it is refused. Not
/// inherited by a child process. Unmapped with munmap.
void *mmlazy_map(int faults, size_t length);

/// Waits for a fault: 1 with the address of its page, 0 once the stop was called.
int mmlazy_wait(int faults, int stop, uintptr_t *address);

/// Fills `length` bytes from `destination`, whole pages of a mapping of `mmlazy_map`, from `source`, and wakes whoever
/// waits for them. Pages that are there already stay as they are. 0 where all are there.
int mmlazy_fill(int faults, void *destination, const void *source, size_t length);

/// Makes every access to `length` bytes from `base`, whole pages of a mapping of `mmlazy_map`, a SIGBUS, and wakes
/// whoever waits for them.
int mmlazy_poison(int faults, int nothing, void *base, size_t length);

/// Wakes whoever waits for `length` bytes from `base`, whole pages: a page that is not there faults again.
int mmlazy_wake(int faults, void *base, size_t length);
