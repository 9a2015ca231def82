#ifndef CFORMATS_H
#define CFORMATS_H
#include <stddef.h>

/* Bytes embedded in the program; they live as long as it does. */
typedef struct {
    const unsigned char *pointer;
    size_t count;
} mmf_bytes;

/* The descriptions in formats/architectures/. */
size_t mmf_architecture_count(void);
/* `index` is below the count. */
mmf_bytes mmf_architecture(size_t index);

/* tables/pre-tokenizers.json: the split patterns that GGUF's tokenizer.ggml.pre names. */
mmf_bytes mmf_pre_tokenizers(void);

/* tables/constructs.json: what models are made of that the reference model does not compute. */
mmf_bytes mmf_constructs(void);

/* tables/normalization.txt: decompositions, compositions and combining classes of Unicode. */
mmf_bytes mmf_normalization(void);

/* tables/probe.txt: the text that verify runs models on. */
mmf_bytes mmf_probe_text(void);

/* The models in formats/presets/. */
size_t mmf_preset_count(void);
/* `index` is below the count. */
mmf_bytes mmf_preset(size_t index);

/* tables/devices.json: what memory devices give an app. */
mmf_bytes mmf_devices(void);

#endif
