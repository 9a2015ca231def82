"""Section 8: elements and bytes of a block, and what numpy calls a type."""

from .errors import require

PLAIN = {
    **dict.fromkeys("BOOL U8 I8 F8_E4M3 F8_E5M2 F8_E4M3FNUZ F8_E5M2FNUZ F8_E8M0".split(), (1, 1)),
    "F4": (2, 1), "F6_E2M3": (4, 3), "F6_E3M2": (4, 3),
    **dict.fromkeys("I16 U16 F16 BF16".split(), (1, 2)),
    **dict.fromkeys("I32 U32 F32".split(), (1, 4)),
    **dict.fromkeys("I64 U64 F64 C64".split(), (1, 8)),
}
QUANTIZED = {
    "Q4_0": (32, 18), "IQ4_NL": (32, 18), "Q4_1": (32, 20), "Q5_0": (32, 22), "Q5_1": (32, 24), "Q8_0": (32, 34),
    "Q8_1": (32, 36), "Q2_K": (256, 84), "Q3_K": (256, 110), "IQ3_S": (256, 110), "Q4_K": (256, 144),
    "Q5_K": (256, 176), "Q6_K": (256, 210), "Q8_K": (256, 292), "IQ2_XXS": (256, 66), "TQ2_0": (256, 66),
    "IQ2_XS": (256, 74), "IQ3_XXS": (256, 98), "IQ1_S": (256, 50), "IQ2_S": (256, 82), "IQ4_XS": (256, 136),
    "IQ1_M": (256, 56), "TQ1_0": (256, 54), "MXFP4": (32, 17), "NVFP4": (64, 36), "Q1_0": (128, 18),
    "Q2_0": (64, 18),
}
# Types without an entry are given as their bytes.
NUMPY = {
    "BOOL": "?", "U8": "<u1", "I8": "<i1", "U16": "<u2", "I16": "<i2", "U32": "<u4", "I32": "<i4", "U64": "<u8",
    "I64": "<i8", "F16": "<f2", "F32": "<f4", "F64": "<f8", "C64": "<c8", "BF16": "<u2",
}
LONGEST = 2**63 - 1


def logical_length(kind, shape):
    """Bytes of a tensor of this type and shape (section 8)."""
    elements = 1
    for dimension in shape:
        elements *= dimension
        require(elements <= LONGEST, "the shape has too many elements")
    if kind in QUANTIZED:
        size, blocks = QUANTIZED[kind][1], 0
        if elements:
            columns = shape[-1] if shape else 1
            blocks = elements // columns * -(-columns // QUANTIZED[kind][0])
    else:
        block, size = PLAIN[kind]
        require(elements % block == 0, "the shape does not fill whole blocks")
        blocks = elements // block
    require(blocks * size <= LONGEST, "the tensor is too long")
    return blocks * size


def block_bytes(kind):
    """Bytes of a block, or of as many elements of a plain type as fill whole bytes."""
    return (PLAIN.get(kind) or QUANTIZED[kind])[1]


def array_shape(kind, shape, length):
    """The shape of the numpy array that holds a tensor of `length` bytes."""
    if kind in QUANTIZED:
        rows = tuple(shape[:-1])
        columns = shape[-1] if shape else 1
        return (*rows, -(-columns // QUANTIZED[kind][0]) * QUANTIZED[kind][1])
    return tuple(shape) if PLAIN[kind][0] == 1 else (length,)
