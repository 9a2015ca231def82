#include "CFormats.h"

// #embed is C23; every clang that builds Swift 6.2 has it in earlier dialects too.
#pragma clang diagnostic ignored "-Wc23-extensions"

/* Every description of formats/architectures/, sorted by name. */
static const unsigned char architecture_llama[] = {
#embed "architectures/llama.json"
};

static const mmf_bytes architectures[] = {
    { architecture_llama, sizeof architecture_llama },
};

size_t mmf_architecture_count(void) {
    return sizeof architectures / sizeof architectures[0];
}

mmf_bytes mmf_architecture(size_t index) {
    return architectures[index];
}

static const unsigned char pre_tokenizers[] = {
#embed "tables/pre-tokenizers.json"
};

mmf_bytes mmf_pre_tokenizers(void) {
    return (mmf_bytes){ pre_tokenizers, sizeof pre_tokenizers };
}

static const unsigned char normalization[] = {
#embed "tables/normalization.txt"
};

mmf_bytes mmf_normalization(void) {
    return (mmf_bytes){ normalization, sizeof normalization };
}

static const unsigned char probe_text[] = {
#embed "tables/probe.txt"
};

mmf_bytes mmf_probe_text(void) {
    return (mmf_bytes){ probe_text, sizeof probe_text };
}
