#ifndef CFORMATS_H
#define CFORMATS_H
#include <stddef.h>

/* A file of formats/ as it was when the program was built; the bytes live as long as the program. */
typedef struct {
    const unsigned char *_Nonnull bytes;
    size_t byte_count;
} mmf_table;

/* tables/pre-tokenizers.json */
mmf_table mmf_pre_tokenizers(void);

#endif
