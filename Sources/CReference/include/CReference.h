#ifndef CREFERENCE_H
#define CREFERENCE_H
#include <stddef.h>

/* A file embedded in the program; it lives as long as it does. */
typedef struct {
    const char *_Nonnull name;
    const unsigned char *_Nonnull pointer;
    size_t count;
} mmr_file;

/* The files of fixtures/mm1/nano/ that make the model: a checkpoint in Hugging Face layout. */
size_t mmr_file_count(void);
/* `index` is below the count. */
mmr_file mmr_file_at(size_t index);

#endif
