"""Section 9.3: codec 2, rANS.

`decode` gives a chunk's logical bytes; `encode` makes a stored chunk (its planes as they are), for test vectors.
"""

import struct

import numpy as np

from .errors import require

LANES, ESCAPE, SLOTS = 128, 15, 256

# Type: layout id, bytes of a unit, values of a unit, bits of a value, raw bits, classes, bytes of a unit in each plane,
# what is added to a value. A float has one value.
LAYOUTS = {
    "BF16": (1, 2, 1, 8, 0, 1, (1,), 0),
    "F16": (2, 2, 1, 5, 3, 1, (1,), 0),
    "F32": (3, 4, 1, 8, 0, 1, (1, 1, 1), 0),
    "Q4_0": (4, 18, 32, 4, 0, 1, (1, 1), 0),
    "IQ4_NL": (4, 18, 32, 4, 0, 1, (1, 1), 0),
    "Q4_1": (5, 20, 32, 4, 0, 8, (1, 1, 1, 1), 0),
    "Q5_0": (6, 22, 32, 5, 1, 1, (1, 1), 1),
    "Q5_1": (7, 24, 32, 5, 1, 8, (1, 1, 1, 1), 0),
    "Q8_0": (8, 34, 32, 8, 4, 1, (1, 1), 136),
    "Q4_K": (9, 144, 256, 4, 0, 8, (1, 1, 1, 1, 8, 8), 0),
    "Q5_K": (10, 176, 256, 5, 1, 8, (1, 1, 1, 1, 8, 8), 0),
    "Q6_K": (11, 210, 256, 6, 2, 1, (1, 1, 16), 2),
}


def is_float(kind):
    return LAYOUTS[kind][0] <= 3


def padded(count):
    return -(-count // LANES) * LANES


# --- Tables and the coder ---


class Table:
    """What a table of 16 bytes says of each of the 256 slots."""

    def __init__(self, packed):
        own, alias = [byte & 15 for byte in packed], [byte >> 4 for byte in packed]
        frequency = list(own)
        self.symbol, self.number = np.zeros(SLOTS, np.int64), np.zeros(SLOTS, np.int64)
        for column in range(16):
            start = frequency[alias[column]] - own[column]
            for place in range(16):
                is_own = place < own[column]
                self.symbol[16 * column + place] = column if is_own else alias[column]
                self.number[16 * column + place] = place if is_own else place + start
            frequency[alias[column]] += 16 - own[column]
        require(max(frequency) < SLOTS, "a symbol has all slots")
        self.frequency = np.array(frequency, np.int64)


def decode_symbols(coded, counts, has_values):
    """The symbols or values of each class, `counts` of them."""
    size = 16 + (ESCAPE if has_values else 0)
    used = [index for index, count in enumerate(counts) if count]
    head = 4 + size * len(used) + 2 * LANES
    require(len(coded) >= head, "the coded symbols are too short")
    escapes = struct.unpack_from("<I", coded)[0]
    require(escapes <= len(coded) - head, "more escapes than bytes")
    low, high = np.frombuffer(coded, np.uint8, 2 * LANES, head - 2 * LANES).astype(np.int64).reshape(2, LANES)
    states = high << 8 | low
    require((states >= 256).all(), "a state is too small")
    listed = np.frombuffer(coded, np.uint8, escapes, head)
    data = np.frombuffer(coded, np.uint8, offset=head + escapes).astype(np.int64)
    position, taken, result = 0, 0, [np.zeros(0, np.uint8)] * len(counts)
    for order, index in enumerate(used):
        start = 4 + size * order
        table = Table(coded[start : start + 16])
        symbols = np.zeros((padded(counts[index]) // LANES, LANES), np.uint8)
        for row in symbols:
            slots = states & 255
            row[:] = table.symbol[slots]
            states = table.frequency[row] * (states >> 8) + table.number[slots]
            short = np.flatnonzero(states < 256)
            require(position + len(short) <= len(data), "the bytes run out")
            states[short] = states[short] << 8 | data[position : position + len(short)]
            position += len(short)
        symbols = symbols.reshape(-1)
        if has_values:
            values = np.frombuffer(coded, np.uint8, ESCAPE, start + 16)
            places = np.flatnonzero(symbols == ESCAPE)
            require(taken + len(places) <= escapes, "the escapes run out")
            symbols = np.append(values, np.uint8(0))[symbols]
            symbols[places] = listed[taken : taken + len(places)]
            taken += len(places)
        result[index] = symbols[: counts[index]]
    require((states == 256).all() and position == len(data) and taken == escapes, "the end is not a coder's start")
    return result


def make_table(counts):
    """As the project's writer does it."""
    total = sum(counts)
    frequency = [0 if count == 0 else min(255, max(1, (count * 256 + total // 2) // total)) for count in counts]
    while sum(frequency) < SLOTS:
        best = None
        for symbol in range(16):
            if frequency[symbol] < 255 and (
                best is None or counts[symbol] * (2 * frequency[best] + 1) > counts[best] * (2 * frequency[symbol] + 1)
            ):
                best = symbol
        frequency[best] += 1
    while sum(frequency) > SLOTS:
        best = None
        for symbol in range(16):
            if frequency[symbol] > 1 and (
                best is None or counts[symbol] * (2 * frequency[best] - 1) < counts[best] * (2 * frequency[symbol] - 1)
            ):
                best = symbol
        frequency[best] -= 1
    packed, left = [0] * 16, set(range(16))
    while left:
        poor = min(left, key=lambda symbol: (frequency[symbol], symbol))
        rich = max(left, key=lambda symbol: (frequency[symbol], -symbol))
        left.remove(poor)
        if frequency[poor] == 16:
            packed[poor] = poor << 4
        else:
            packed[poor] = frequency[poor] | rich << 4
            frequency[rich] -= 16 - frequency[poor]
    return bytes(packed)


def encode_symbols(classes, has_values):
    tables, escapes, symbols = b"", b"", []
    for values in classes:
        if len(values) == 0:
            symbols.append((None, None))
            continue
        chosen = b""
        if has_values:
            counts = np.bincount(values, minlength=256)
            order = sorted(range(256), key=lambda value: (-counts[value], value))[:ESCAPE]
            places = np.full(256, ESCAPE, np.uint8)
            for symbol, value in enumerate(order):
                if counts[value]:
                    places[value] = symbol
            escapes += values[places[values] == ESCAPE].tobytes()
            chosen = bytes(value if counts[value] else 0 for value in order)
            values = places[values]
        counts = [int(count) for count in np.bincount(values, minlength=16)]
        packed = make_table(counts)
        fill = max(range(ESCAPE if has_values else 16), key=lambda symbol: (counts[symbol], -symbol))
        filled = np.full(padded(len(values)), fill, np.uint8)
        filled[: len(values)] = values
        symbols.append((Table(packed), filled.reshape(-1, LANES)))
        tables += packed + chosen
    states, pieces = np.full(LANES, 256, np.int64), []
    for table, rows in reversed(symbols):
        if table is None:
            continue
        slot = np.zeros((16, SLOTS), np.int64)
        slot[table.symbol, table.number] = np.arange(SLOTS)
        for row in rows[::-1]:
            frequency = table.frequency[row]
            long = states >= frequency << 8
            pieces.append((states[long] & 255).astype(np.uint8).tobytes())
            states = np.where(long, states >> 8, states)
            states = states // frequency << 8 | slot[row, states % frequency]
    head = struct.pack("<I", len(escapes)) + tables
    head += (states & 255).astype(np.uint8).tobytes() + (states >> 8).astype(np.uint8).tobytes()
    return head + escapes + b"".join(reversed(pieces))


# --- Raw bits ---


def pack_bits(values, bits):
    if bits == 0:
        return b""
    groups = np.zeros(padded(len(values)), np.uint8)
    groups[: len(values)] = values
    groups = groups.reshape(-1, LANES)
    if bits == 3:
        parts = [(groups & 3, 2), (groups >> 2, 1)]
    else:
        parts = [(groups, bits)]
    packed = []
    for part, width in parts:
        part = part.reshape(len(groups), 8 // width, 16 * width)
        shifts = (np.arange(8 // width, dtype=np.uint8) * width)[None, :, None]
        packed.append(np.bitwise_or.reduce(part << shifts, axis=1))
    return np.concatenate(packed, axis=1).astype(np.uint8).tobytes()


def unpack_bits(data, count, bits):
    if bits == 0:
        return np.zeros(count, np.uint8)
    groups = np.frombuffer(data, np.uint8).reshape(-1, 16 * bits)
    if bits == 3:
        low, high = (unpack_bits(np.ascontiguousarray(part).tobytes(), count, width)
                     for part, width in ((groups[:, :32], 2), (groups[:, 32:], 1)))
        return low | high << 2
    shifts = (np.arange(8 // bits, dtype=np.uint8) * bits)[None, :, None]
    values = (groups[:, None, :] >> shifts & ((1 << bits) - 1)).reshape(-1)
    require(not values[count:].any(), "raw bits behind the last value")
    return values[:count].astype(np.uint8)


# --- Blocks: where scales and values lie ---


def halves(units, offset):
    return units[:, offset + 1].copy(), units[:, offset].copy()


def take_planes(kind, units):
    planes = list(halves(units, 208 if kind == "Q6_K" else 0))
    if LAYOUTS[kind][5] == 8:
        planes += halves(units, 2)
    if kind == "Q6_K":
        planes.append(units[:, 192:208].reshape(-1).copy())
    elif kind in ("Q4_K", "Q5_K"):
        a, b, c = units[:, 4:8], units[:, 8:12], units[:, 12:16]
        planes.append(np.concatenate([a & 63, c & 15 | a >> 6 << 4], axis=1).reshape(-1))
        planes.append(np.concatenate([b & 63, c >> 4 | b >> 6 << 4], axis=1).reshape(-1))
    return planes


def put_planes(kind, units, planes):
    offset = 208 if kind == "Q6_K" else 0
    units[:, offset + 1], units[:, offset] = planes[0], planes[1]
    if LAYOUTS[kind][5] == 8:
        units[:, 3], units[:, 2] = planes[2], planes[3]
    if kind == "Q6_K":
        units[:, 192:208] = planes[2].reshape(-1, 16)
    elif kind in ("Q4_K", "Q5_K"):
        scales, minima = (plane.reshape(-1, 8) & 63 for plane in planes[4:6])
        units[:, 4:8] = scales[:, :4] | scales[:, 4:] >> 4 << 6
        units[:, 8:12] = minima[:, :4] | minima[:, 4:] >> 4 << 6
        units[:, 12:16] = scales[:, 4:] & 15 | (minima[:, 4:] & 15) << 4


def nibbles(units, offset):
    packed = units[:, offset : offset + 16]
    return np.concatenate([packed & 15, packed >> 4], axis=1)


def take_values(kind, units):
    """The values of all units in the order of their elements, before anything is added."""
    if kind in ("Q4_0", "IQ4_NL", "Q4_1"):
        return nibbles(units, 4 if kind == "Q4_1" else 2)
    if kind in ("Q5_0", "Q5_1"):
        offset = 4 if kind == "Q5_1" else 2
        fifth = np.unpackbits(units[:, offset : offset + 4], axis=1, bitorder="little")
        return nibbles(units, offset + 4) | fifth << 4
    if kind == "Q8_0":
        return units[:, 2:]
    if kind in ("Q4_K", "Q5_K"):
        packed = units[:, -128:].reshape(-1, 4, 1, 32)
        values = np.concatenate([packed & 15, packed >> 4], axis=2).reshape(-1, 8, 32)
        if kind == "Q5_K":
            values = values | (units[:, None, 16:48] >> np.arange(8, dtype=np.uint8)[None, :, None] & 1) << 4
        return values.reshape(len(units), -1)
    low = units[:, :128].reshape(-1, 2, 1, 2, 32)
    high = units[:, 128:192].reshape(-1, 2, 1, 32)
    low = np.concatenate([low & 15, low >> 4], axis=2).reshape(-1, 2, 4, 32)
    high = high >> (2 * np.arange(4, dtype=np.uint8))[None, None, :, None] & 3
    return (low | high << 4).reshape(len(units), -1)


def put_nibbles(units, offset, values):
    units[:, offset : offset + 16] = values[:, :16] & 15 | (values[:, 16:] & 15) << 4


def put_values(kind, units, values):
    if kind in ("Q4_0", "IQ4_NL", "Q4_1"):
        put_nibbles(units, 4 if kind == "Q4_1" else 2, values)
    elif kind in ("Q5_0", "Q5_1"):
        offset = 4 if kind == "Q5_1" else 2
        units[:, offset : offset + 4] = np.packbits(values >> 4, axis=1, bitorder="little")
        put_nibbles(units, offset + 4, values)
    elif kind == "Q8_0":
        units[:, 2:] = values
    elif kind in ("Q4_K", "Q5_K"):
        pairs = values.reshape(-1, 4, 2, 32)
        units[:, -128:] = (pairs[:, :, 0] & 15 | (pairs[:, :, 1] & 15) << 4).reshape(-1, 128)
        if kind == "Q5_K":
            units[:, 16:48] = np.packbits(values.reshape(-1, 8, 32) >> 4, axis=1, bitorder="little")[:, 0]
    else:
        cells = values.reshape(-1, 2, 4, 32)
        units[:, :128] = (cells[:, :, :2] & 15 | (cells[:, :, 2:] & 15) << 4).reshape(-1, 128)
        shifts = (2 * np.arange(4, dtype=np.uint8))[None, None, :, None]
        units[:, 128:192] = np.bitwise_or.reduce(cells >> 4 << shifts, axis=2).reshape(-1, 64)


def order_of(high):
    return np.argsort(high, kind="stable")


def classes_of(kind, planes, count):
    """The class of each cell."""
    cells = LAYOUTS[kind][2] // 32
    if LAYOUTS[kind][5] == 1:
        return np.zeros(count * cells, np.int64)

    def half(high, low):
        number = (high.astype(np.uint16) << 8 | low).view(np.float16).astype(np.float64)
        return np.where(np.isfinite(number), number, 0)

    d, m = half(planes[0], planes[1]), half(planes[2], planes[3])
    factor = 1 if LAYOUTS[kind][4] else 2
    if cells == 1:
        a, b = -factor * m, d
    else:
        a = factor * np.repeat(m, 8) * (planes[5] & 63)
        b = np.repeat(d, 8) * (planes[4] & 63)
    # Every product is exact in 64 bits.
    reached = sum((a >= t * b).astype(np.int64) for t in range(9, 22, 2))
    return np.where(b > 0, reached, 0)


# --- Chunks ---


def rotated(data, unit):
    words = np.frombuffer(data, f"<u{unit}")
    return words << 1 | words >> (8 * unit - 1)


def decode(data, length, kind, frame):
    """The logical bytes of a stored chunk; `frame(bytes, length)` decodes a Zstandard frame."""
    layout, unit, width, bits, raw, classes, sizes, added = LAYOUTS[kind]
    count, head = length // unit, 8 + 4 * len(sizes)
    require(length % unit == 0 and len(data) > head, "the chunk is too short")
    require(data[:4] == bytes([layout, len(sizes), 0, 0]), "damaged header")
    coded, *stored = struct.unpack_from(f"<{1 + len(sizes)}I", data, 4)
    raw_length = padded(count * width) // LANES * 16 * raw
    require(head + coded + raw_length + sum(stored) == len(data), "the lengths do not add up")
    position = head + coded + raw_length
    low = unpack_bits(data[head + coded : position], count * width, raw)
    planes = []
    for size, part in zip(sizes, stored):
        require(part <= size * count, "a plane is too long")
        piece = data[position : position + part]
        planes.append(np.frombuffer(piece if part == size * count else frame(piece, size * count), np.uint8))
        position += part
    code = data[head : head + coded]
    if is_float(kind):
        values = decode_symbols(code, [count], True)[0]
        if kind == "F16":
            words = values.astype(np.uint16) << 11 | low.astype(np.uint16) << 8 | planes[0]
        else:
            words = values.astype(f"<u{unit}")
            for plane in planes:
                words = words << 8 | plane
        return (words >> 1 | words << (8 * unit - 1)).astype(f"<u{unit}").tobytes()
    for pair in (0, 2)[: 2 if len(planes) >= 4 else 1]:
        plain = np.zeros(count, np.uint8)
        plain[order_of(planes[pair])] = planes[pair + 1]
        planes[pair + 1] = plain
    for plane in planes[4:]:
        require((plane < 64).all(), "a scale of more than six bits")
    cells = classes_of(kind, planes, count)
    symbols = np.zeros((len(cells), 32), np.uint8)
    counts = [32 * int((cells == number).sum()) for number in range(classes)]
    for number, found in enumerate(decode_symbols(code, counts, False)):
        symbols[cells == number] = found.reshape(-1, 32)
    values = (symbols << raw | low.reshape(-1, 32)).astype(np.int64) - added & (1 << bits) - 1
    units = np.zeros((count, unit), np.uint8)
    put_planes(kind, units, planes)
    put_values(kind, units, values.astype(np.uint8).reshape(count, width))
    return units.tobytes()


def encode(data, kind):
    """A stored chunk of whole units, its planes as they are."""
    layout, unit, width, bits, raw, classes, sizes, added = LAYOUTS[kind]
    count = len(data) // unit
    if is_float(kind):
        words = rotated(data, unit)
        top = (words >> (8 * unit - bits)).astype(np.uint8)
        low = (words >> 8 & 7).astype(np.uint8) if raw else top
        planes = [(words >> (8 * index) & 255).astype(np.uint8) for index in reversed(range(len(sizes)))]
        code = encode_symbols([top], True)
    else:
        units = np.frombuffer(data, np.uint8).reshape(count, unit)
        planes = take_planes(kind, units)
        cells = classes_of(kind, planes, count)
        for pair in (0, 2)[: 2 if len(planes) >= 4 else 1]:
            planes[pair + 1] = planes[pair + 1][order_of(planes[pair])]
        values = (take_values(kind, units).astype(np.int64) + added & (1 << bits) - 1).astype(np.uint8)
        low = (values & (1 << raw) - 1).reshape(-1)
        symbols = (values >> raw).reshape(-1, 32)
        code = encode_symbols([symbols[cells == number].reshape(-1) for number in range(classes)], False)
    head = bytes([layout, len(sizes), 0, 0]) + struct.pack("<I", len(code))
    head += b"".join(struct.pack("<I", len(plane)) for plane in planes)
    return head + code + pack_bits(low, raw) + b"".join(plane.tobytes() for plane in planes)
