#include "CFormats.h"

// #embed is C23; every clang that builds Swift 6.2 has it in earlier dialects too.
#pragma clang diagnostic ignored "-Wc23-extensions"

/* Every description of formats/architectures/, sorted by name. */
static const unsigned char architecture_aimv2_vision[] = {
#embed "architectures/aimv2-vision.json"
};
static const unsigned char architecture_clip_vision[] = {
#embed "architectures/clip-vision.json"
};
static const unsigned char architecture_decoder[] = {
#embed "architectures/decoder.json"
};
static const unsigned char architecture_gemma[] = {
#embed "architectures/gemma.json"
};
static const unsigned char architecture_gemma2[] = {
#embed "architectures/gemma2.json"
};
static const unsigned char architecture_gemma3[] = {
#embed "architectures/gemma3.json"
};
static const unsigned char architecture_gemma3_vl[] = {
#embed "architectures/gemma3-vl.json"
};
static const unsigned char architecture_idefics3[] = {
#embed "architectures/idefics3.json"
};
static const unsigned char architecture_idefics3_vision[] = {
#embed "architectures/idefics3-vision.json"
};
static const unsigned char architecture_internvit[] = {
#embed "architectures/internvit.json"
};
static const unsigned char architecture_internvl[] = {
#embed "architectures/internvl.json"
};
static const unsigned char architecture_llama[] = {
#embed "architectures/llama.json"
};
static const unsigned char architecture_llava[] = {
#embed "architectures/llava.json"
};
static const unsigned char architecture_llava_next[] = {
#embed "architectures/llava-next.json"
};
static const unsigned char architecture_mistral[] = {
#embed "architectures/mistral.json"
};
static const unsigned char architecture_mixtral[] = {
#embed "architectures/mixtral.json"
};
static const unsigned char architecture_mm1[] = {
#embed "architectures/mm1.json"
};
static const unsigned char architecture_olmo2[] = {
#embed "architectures/olmo2.json"
};
static const unsigned char architecture_paligemma[] = {
#embed "architectures/paligemma.json"
};
static const unsigned char architecture_phi3[] = {
#embed "architectures/phi3.json"
};
static const unsigned char architecture_qwen2[] = {
#embed "architectures/qwen2.json"
};
static const unsigned char architecture_qwen2_moe[] = {
#embed "architectures/qwen2-moe.json"
};
static const unsigned char architecture_qwen2_vl[] = {
#embed "architectures/qwen2-vl.json"
};
static const unsigned char architecture_qwen2_vl_text[] = {
#embed "architectures/qwen2-vl-text.json"
};
static const unsigned char architecture_qwen2_vl_vision[] = {
#embed "architectures/qwen2-vl-vision.json"
};
static const unsigned char architecture_qwen2_5_vl_vision[] = {
#embed "architectures/qwen2.5-vl-vision.json"
};
static const unsigned char architecture_qwen3[] = {
#embed "architectures/qwen3.json"
};
static const unsigned char architecture_qwen3_moe[] = {
#embed "architectures/qwen3-moe.json"
};
static const unsigned char architecture_qwen3_vl[] = {
#embed "architectures/qwen3-vl.json"
};
static const unsigned char architecture_qwen3_vl_text[] = {
#embed "architectures/qwen3-vl-text.json"
};
static const unsigned char architecture_qwen3_vl_vision[] = {
#embed "architectures/qwen3-vl-vision.json"
};
static const unsigned char architecture_siglip_vision[] = {
#embed "architectures/siglip-vision.json"
};
static const unsigned char architecture_smollm3[] = {
#embed "architectures/smollm3.json"
};
static const unsigned char architecture_vit[] = {
#embed "architectures/vit.json"
};

static const mmf_bytes architectures[] = {
    { architecture_aimv2_vision, sizeof architecture_aimv2_vision },
    { architecture_clip_vision, sizeof architecture_clip_vision },
    { architecture_decoder, sizeof architecture_decoder },
    { architecture_gemma, sizeof architecture_gemma },
    { architecture_gemma2, sizeof architecture_gemma2 },
    { architecture_gemma3, sizeof architecture_gemma3 },
    { architecture_gemma3_vl, sizeof architecture_gemma3_vl },
    { architecture_idefics3, sizeof architecture_idefics3 },
    { architecture_idefics3_vision, sizeof architecture_idefics3_vision },
    { architecture_internvit, sizeof architecture_internvit },
    { architecture_internvl, sizeof architecture_internvl },
    { architecture_llama, sizeof architecture_llama },
    { architecture_llava, sizeof architecture_llava },
    { architecture_llava_next, sizeof architecture_llava_next },
    { architecture_mistral, sizeof architecture_mistral },
    { architecture_mixtral, sizeof architecture_mixtral },
    { architecture_mm1, sizeof architecture_mm1 },
    { architecture_olmo2, sizeof architecture_olmo2 },
    { architecture_paligemma, sizeof architecture_paligemma },
    { architecture_phi3, sizeof architecture_phi3 },
    { architecture_qwen2, sizeof architecture_qwen2 },
    { architecture_qwen2_moe, sizeof architecture_qwen2_moe },
    { architecture_qwen2_vl, sizeof architecture_qwen2_vl },
    { architecture_qwen2_vl_text, sizeof architecture_qwen2_vl_text },
    { architecture_qwen2_vl_vision, sizeof architecture_qwen2_vl_vision },
    { architecture_qwen2_5_vl_vision, sizeof architecture_qwen2_5_vl_vision },
    { architecture_qwen3, sizeof architecture_qwen3 },
    { architecture_qwen3_moe, sizeof architecture_qwen3_moe },
    { architecture_qwen3_vl, sizeof architecture_qwen3_vl },
    { architecture_qwen3_vl_text, sizeof architecture_qwen3_vl_text },
    { architecture_qwen3_vl_vision, sizeof architecture_qwen3_vl_vision },
    { architecture_siglip_vision, sizeof architecture_siglip_vision },
    { architecture_smollm3, sizeof architecture_smollm3 },
    { architecture_vit, sizeof architecture_vit },
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

static const unsigned char constructs[] = {
#embed "tables/constructs.json"
};

mmf_bytes mmf_constructs(void) {
    return (mmf_bytes){ constructs, sizeof constructs };
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

/* The models of formats/presets/, in the order of their sizes. */
static const unsigned char preset_mm1_3b[] = {
#embed "presets/mm1-3b.json"
};
static const unsigned char preset_mm1_7b[] = {
#embed "presets/mm1-7b.json"
};
static const unsigned char preset_mm1_30b[] = {
#embed "presets/mm1-30b.json"
};
static const unsigned char preset_mm1_3b_moe[] = {
#embed "presets/mm1-3b-moe.json"
};
static const unsigned char preset_mm1_7b_moe[] = {
#embed "presets/mm1-7b-moe.json"
};

static const mmf_bytes presets[] = {
    { preset_mm1_3b, sizeof preset_mm1_3b },
    { preset_mm1_7b, sizeof preset_mm1_7b },
    { preset_mm1_30b, sizeof preset_mm1_30b },
    { preset_mm1_3b_moe, sizeof preset_mm1_3b_moe },
    { preset_mm1_7b_moe, sizeof preset_mm1_7b_moe },
};

size_t mmf_preset_count(void) {
    return sizeof presets / sizeof presets[0];
}

mmf_bytes mmf_preset(size_t index) {
    return presets[index];
}

static const unsigned char devices[] = {
#embed "tables/devices.json"
};

mmf_bytes mmf_devices(void) {
    return (mmf_bytes){ devices, sizeof devices };
}
