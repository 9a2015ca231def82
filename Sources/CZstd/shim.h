// Parameter 5 of libzstd's experimental set (literal compression mode) is what zHUF rests on; see formats/mmpack.md.
#define ZSTD_STATIC_LINKING_ONLY
#include <zstd.h>
#include <zstd_errors.h>
