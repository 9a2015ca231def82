#include "CFormats.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char pre_tokenizers[] = {
#embed "tables/pre-tokenizers.json"
};

mmf_table mmf_pre_tokenizers(void) {
    return (mmf_table){pre_tokenizers, sizeof pre_tokenizers};
}
