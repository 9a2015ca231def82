// sigaction and strdup are of the X/Open system interfaces, which C17 alone does not show on Linux.
#ifndef __APPLE__
#define _XOPEN_SOURCE 700
#endif

#include "CFaults.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// Entries are published to the handler by one atomic store and are reused, never freed: the handler may walk a list at
// any moment. The mutex orders the threads that change a list; the handler never takes it.

struct mmfault_mapping {
    mmfault_mapping *next;
    mmfault_mapping *next_free;
    /// 0 while the entry is free. The rest is written before it.
    _Atomic(uintptr_t) base;
    _Atomic(size_t) length;
    char *path;
    char *shown;
    /// Why memory could not be filled; NULL for a mapped file.
    _Atomic(char *) explanation;
};

struct mmfault_temporary {
    mmfault_temporary *next;
    mmfault_temporary *next_free;
    /// NULL while the entry is free. Whoever exchanges it for NULL owns the string.
    _Atomic(char *) path;
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static _Atomic(mmfault_mapping *) mappings;
static mmfault_mapping *free_mappings;
static _Atomic(mmfault_temporary *) temporaries;
static mmfault_temporary *free_temporaries;

static atomic_bool ending;
static atomic_int creating;

static struct sigaction previous;
static char message_prefix[64];
static int exit_status;

mmfault_mapping *mmfault_add_mapping(const void *base, size_t length, const char *path, const char *shown) {
    char *path_copy = strdup(path), *shown_copy = strdup(shown);
    mmfault_mapping *entry = NULL;
    pthread_mutex_lock(&mutex);
    if (path_copy != NULL && shown_copy != NULL) {
        if ((entry = free_mappings) != NULL) {
            free_mappings = entry->next_free;
        } else if ((entry = calloc(1, sizeof *entry)) != NULL) {
            entry->next = atomic_load(&mappings);
            atomic_store(&mappings, entry);
        }
    }
    if (entry != NULL) {
        entry->path = path_copy;
        entry->shown = shown_copy;
        atomic_store(&entry->length, length);
        atomic_store(&entry->base, (uintptr_t)base);
    }
    pthread_mutex_unlock(&mutex);
    if (entry == NULL) {
        free(path_copy);
        free(shown_copy);
    }
    return entry;
}

void mmfault_remove_mapping(mmfault_mapping *entry) {
    pthread_mutex_lock(&mutex);
    atomic_store(&entry->base, 0);
    // No handler reads the paths: it would be one for an address in this mapping, which nobody uses any more.
    free(entry->path);
    free(entry->shown);
    free(atomic_exchange(&entry->explanation, NULL));
    entry->path = entry->shown = NULL;
    entry->next_free = free_mappings;
    free_mappings = entry;
    pthread_mutex_unlock(&mutex);
}

void mmfault_explain(mmfault_mapping *entry, const char *line) {
    char *copy = strdup(line);
    pthread_mutex_lock(&mutex);
    if (copy != NULL && atomic_load(&entry->explanation) == NULL) {
        atomic_store(&entry->explanation, copy);
        copy = NULL;
    }
    pthread_mutex_unlock(&mutex);
    free(copy);
}

/// Safe in a signal handler.
static mmfault_mapping *find(uintptr_t address) {
    for (mmfault_mapping *entry = atomic_load(&mappings); entry != NULL; entry = entry->next) {
        const uintptr_t base = atomic_load(&entry->base);
        const size_t length = atomic_load(&entry->length);
        // The second look tells an entry that was reused between the two loads.
        if (base != 0 && address >= base && address - base < length && atomic_load(&entry->base) == base) return entry;
    }
    return NULL;
}

bool mmfault_copy_path(const void *address, char *path, size_t capacity) {
    bool is_found = false;
    pthread_mutex_lock(&mutex);
    const mmfault_mapping *entry = find((uintptr_t)address);
    if (entry != NULL && strlen(entry->path) < capacity) {
        strcpy(path, entry->path);
        is_found = true;
    }
    pthread_mutex_unlock(&mutex);
    return is_found;
}

mmfault_temporary *mmfault_add_temporary(const char *path) {
    char *copy = strdup(path);
    if (copy == NULL) return NULL;
    pthread_mutex_lock(&mutex);
    mmfault_temporary *entry = free_temporaries;
    if (entry != NULL) {
        free_temporaries = entry->next_free;
    } else if ((entry = calloc(1, sizeof *entry)) != NULL) {
        entry->next = atomic_load(&temporaries);
        atomic_store(&temporaries, entry);
    }
    if (entry != NULL) {
        atomic_store(&entry->path, copy);
    } else {
        free(copy);
    }
    pthread_mutex_unlock(&mutex);
    return entry;
}

void mmfault_remove_temporary(mmfault_temporary *entry) {
    free(atomic_exchange(&entry->path, NULL));
    pthread_mutex_lock(&mutex);
    entry->next_free = free_temporaries;
    free_temporaries = entry;
    pthread_mutex_unlock(&mutex);
}

static void wait_for_the_end(void) {
    for (;;) pause();
}

void mmfault_begin_creation(void) {
    atomic_fetch_add(&creating, 1);
    if (!atomic_load(&ending)) return;
    atomic_fetch_sub(&creating, 1);
    wait_for_the_end();
}

void mmfault_end_creation(void) {
    atomic_fetch_sub(&creating, 1);
}

static void remove_temporaries(void) {
    // A creation under way ends at once, but for a disk that hangs: a second is enough to wait.
    for (int waited = 0; atomic_load(&creating) > 0 && waited < 1000; waited++) poll(NULL, 0, 1);
    for (mmfault_temporary *entry = atomic_load(&temporaries); entry != NULL; entry = entry->next) {
        const char *path = atomic_exchange(&entry->path, NULL);
        if (path != NULL) unlink(path);
    }
}

static size_t append(char *line, size_t length, size_t capacity, const char *text) {
    const size_t count = strlen(text), room = capacity - length;
    const size_t taken = count < room ? count : room;
    memcpy(line + length, text, taken);
    return length + taken;
}

static void report(const mmfault_mapping *mapping) {
    // Both ends of a line fit behind the longest path that is shown.
    static char line[8192];
    const size_t capacity = sizeof line, room = capacity - 64;
    size_t length = append(line, 0, room, message_prefix);
    const char *explanation = atomic_load(&mapping->explanation);
    if (explanation != NULL) {
        length = append(line, length, room, explanation);
        length = append(line, length, capacity, "\n");
    } else {
        struct stat file;
        const bool is_shorter = stat(mapping->path, &file) != 0 || (size_t)file.st_size < atomic_load(&mapping->length);
        length = append(line, length, room, mapping->shown);
        length = append(
            line, length, capacity, is_shorter ? ": changed while it was read\n" : ": cannot be read any more\n");
    }
    while (write(STDERR_FILENO, line, length) == -1 && errno == EINTR) {}
}

/// Whether the kernel sent the signal for an access, rather than a process by kill.
static bool is_access(const siginfo_t *info) {
#ifdef __APPLE__
    return info->si_code < 0x10000;
#else
    return info->si_code > 0;
#endif
}

static void handle(int number, siginfo_t *info, void *context) {
    (void)context;
    const int error = errno;
    const mmfault_mapping *mapping = is_access(info) ? find((uintptr_t)info->si_addr) : NULL;
    if (mapping == NULL) {
        // The access is made again when this returns, and what was to happen before happens then.
        sigaction(number, &previous, NULL);
        if (!is_access(info)) raise(number);
        errno = error;
        return;
    }
    if (atomic_exchange(&ending, true)) wait_for_the_end();
    remove_temporaries();
    report(mapping);
    _exit(exit_status);
}

bool mmfault_install(const char *prefix, int status) {
    strncpy(message_prefix, prefix, sizeof message_prefix - 1);
    exit_status = status;
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = handle;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigemptyset(&action.sa_mask);
    return sigaction(SIGBUS, &action, &previous) == 0;
}
