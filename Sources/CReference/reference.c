#include "CReference.h"

// #embed is C23; every clang that builds Swift 6.2 has it in earlier dialects too.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char weights[] = {
#embed "../../fixtures/mm1/nano/model.safetensors"
};
static const unsigned char configuration[] = {
#embed "../../fixtures/mm1/nano/config.json"
};
static const unsigned char generation[] = {
#embed "../../fixtures/mm1/nano/generation_config.json"
};
static const unsigned char preprocessor[] = {
#embed "../../fixtures/mm1/nano/preprocessor_config.json"
};
static const unsigned char tokenizer[] = {
#embed "../../fixtures/mm1/nano/tokenizer.json"
};
static const unsigned char tokenizer_configuration[] = {
#embed "../../fixtures/mm1/nano/tokenizer_config.json"
};
static const unsigned char chat_template[] = {
#embed "../../fixtures/mm1/nano/chat_template.jinja"
};
static const unsigned char card[] = {
#embed "../../fixtures/mm1/nano/README.md"
};

static const mmr_file files[] = {
    { "model.safetensors", weights, sizeof weights },
    { "config.json", configuration, sizeof configuration },
    { "generation_config.json", generation, sizeof generation },
    { "preprocessor_config.json", preprocessor, sizeof preprocessor },
    { "tokenizer.json", tokenizer, sizeof tokenizer },
    { "tokenizer_config.json", tokenizer_configuration, sizeof tokenizer_configuration },
    { "README.md", card, sizeof card },
    { "chat_template.jinja", chat_template, sizeof chat_template },
};

size_t mmr_file_count(void) {
    return sizeof files / sizeof files[0];
}

mmr_file mmr_file_at(size_t index) {
    return files[index];
}
