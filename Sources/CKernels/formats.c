// Block sizes of the types, by GGUF type id.
#include "internal.h"

const mmk_block_format mmk_block_formats[TYPE_LIMIT] = {
    [TYPE_F32] = {1, 4},      [TYPE_F16] = {1, 2},      [TYPE_F64] = {1, 8},      [TYPE_BF16] = {1, 2},
    [TYPE_Q4_0] = {32, 18},   [TYPE_Q4_1] = {32, 20},   [TYPE_Q5_0] = {32, 22},   [TYPE_Q5_1] = {32, 24},
    [TYPE_Q8_0] = {32, 34},   [TYPE_IQ4_NL] = {32, 18}, [TYPE_MXFP4] = {32, 17},  [TYPE_Q2_K] = {256, 84},
    [TYPE_Q3_K] = {256, 110}, [TYPE_Q4_K] = {256, 144}, [TYPE_Q5_K] = {256, 176}, [TYPE_Q6_K] = {256, 210},
    [TYPE_IQ4_XS] = {256, 136}, [TYPE_TQ1_0] = {256, 54}, [TYPE_TQ2_0] = {256, 66},
};

const int8_t mmk_iq4_levels[16] = {-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113};

const int8_t mmk_mxfp4_levels[16] = {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};

size_t mmk_block_elements(uint32_t type) { return type < TYPE_LIMIT ? mmk_block_formats[type].elements : 0; }

size_t mmk_block_bytes(uint32_t type) { return type < TYPE_LIMIT ? mmk_block_formats[type].bytes : 0; }

bool mmk_can_decode(uint32_t type) { return mmk_block_elements(type) != 0; }

bool mmk_can_dot(uint32_t type) { return mmk_can_decode(type); }

bool mmk_can_quantize(uint32_t type) {
    switch (type) {
    case TYPE_F32: case TYPE_F16: case TYPE_BF16:
    case TYPE_Q4_0: case TYPE_Q4_1: case TYPE_Q5_0: case TYPE_Q5_1: case TYPE_Q8_0:
        return true;
    default:
        return false;
    }
}

bool mmk_can_quantize_searched(uint32_t type) {
    switch (type) {
    case TYPE_Q4_0: case TYPE_Q4_1: case TYPE_Q5_0: case TYPE_Q5_1: case TYPE_Q8_0:
    case TYPE_Q4_K: case TYPE_Q5_K: case TYPE_Q6_K: case TYPE_IQ4_NL:
        return true;
    default:
        return false;
    }
}
