#include <archive.h>
#include <archive_entry.h>
#include <locale.h>
#ifdef __APPLE__
#include <xlocale.h>
#endif

/// A locale whose names are UTF-8; NULL where the system has none. Never freed.
static inline void *mmarchive_utf8_locale(void) {
    static const char *const names[] = {"C.UTF-8", "en_US.UTF-8", "UTF-8"};
    for (unsigned index = 0; index < sizeof names / sizeof *names; index++) {
        const locale_t found = newlocale(LC_CTYPE_MASK, names[index], (locale_t)0);
        if (found != (locale_t)0) return (void *)found;
    }
    return (void *)0;
}

/// Gives this thread, and no other, the locale and returns what it had.
static inline void *mmarchive_use_locale(void *locale) { return (void *)uselocale((locale_t)locale); }
