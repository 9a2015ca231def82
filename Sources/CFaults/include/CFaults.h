#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "CLazyMemory.h"

/// What a handler of SIGBUS must know, kept where a signal handler may read it: which addresses are mapped files, and
/// which temporary files to remove. Swift code cannot run in a handler, since it may allocate and lock.

/// A mapped file.
typedef struct mmfault_mapping mmfault_mapping;
/// The name of a file to remove when the process ends by a fault.
typedef struct mmfault_temporary mmfault_temporary;

/// Enters a mapping of `length` bytes; both paths are copied, `shown` is the one for messages. NULL without memory: a
/// fault in the mapping then ends the process as any other.
mmfault_mapping *mmfault_add_mapping(const void *base, size_t length, const char *path, const char *shown);

/// Takes a mapping out, before it is unmapped.
void mmfault_remove_mapping(mmfault_mapping *mapping);

/// What a fault in the mapping means from now on: the line for standard error without the prefix, copied. The first one
/// stays. For memory that is filled when it is touched, and could not be.
void mmfault_explain(mmfault_mapping *mapping, const char *line);

/// Copies the path of the mapping that `address` lies in to `path`, ended by NUL; false where there is none, or where it
/// does not fit `capacity`.
bool mmfault_copy_path(const void *address, char *path, size_t capacity);

/// Enters a name; NULL without memory.
mmfault_temporary *mmfault_add_temporary(const char *path);

/// Takes a name out.
void mmfault_remove_temporary(mmfault_temporary *temporary);

/// Brackets the creation of an entered file, so that none is made after the handler has removed them. `begin` does not
/// return once the process is ending.
void mmfault_begin_creation(void);
void mmfault_end_creation(void);

/// Handles SIGBUS from now on: for an address in a mapping, removes the temporary files, writes `prefix`, the path and
/// what is wrong with it to standard error, and ends the process with `status`. Any other SIGBUS does what it did
/// before. False where the system refuses.
bool mmfault_install(const char *prefix, int status);
