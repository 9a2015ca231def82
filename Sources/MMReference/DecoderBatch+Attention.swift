internal import CKernels
internal import MMArchitectures
internal import MMStorage

extension DecoderBatch {
    /// Turns the keys and appends keys and values to the cache.
    func storeKeysAndValues(_ layer: LayerAttention) {
        let headCount = configuration.keyValueHeadCount
        // For one token the work is less than a region costs.
        if tokenCount == 1 {
            for head in 0..<headCount { storeKeysAndValues(layer, head: head) }
        } else {
            team.run(parts: headCount) { head in storeKeysAndValues(layer, head: head) }
        }
    }

    private func storeKeysAndValues(_ layer: LayerAttention, head: Int) {
        let width = configuration.headWidth
        let keyOffset = cache.keyOffset(layer: layer.cacheLayer, head: head) + firstPosition * cache.keyStride
        let valueOffset = cache.valueOffset(layer: layer.cacheLayer, head: head) + firstPosition
        for token in 0..<tokenCount {
            let source = token * space.keyWidth + head * width
            // Token, head and position are within buffers of [token, keyWidth] and the cache, whose capacity was
            // checked before the batch.
            if let kind = layer.rotaryKind {
                unsafe rotary[kind].turn(space.key.pointer + source, by: angles(kind, token))
            }
            unsafe (cache.keys.pointer + keyOffset + token * cache.keyStride).update(
                from: space.key.pointer + source,
                count: width
            )
        }
        let tail = KeyValueCache.wholeUnits(firstPosition + tokenCount) - firstPosition - tokenCount
        for element in 0..<width {
            let row = unsafe cache.values.pointer + valueOffset + element * cache.valueStride
            let source = unsafe space.value.pointer + head * width + element
            for token in 0..<tokenCount { unsafe row[token] = source[token * space.keyWidth] }
            // Zeros to the end of the unit, which is inside the row: valueStride is a whole number of units or more.
            unsafe (row + tokenCount).update(repeating: 0, count: tail)
        }
    }

    /// mixed = softmax(scale * queries x keys) x values, each position over those that it sees.
    func attend(_ layer: LayerAttention) {
        let headCount = configuration.headCount
        let tileCount = (tokenCount + DecoderSpace.attentionTile - 1) / DecoderSpace.attentionTile
        team.run(parts: headCount * tileCount) { part, member in
            // Later tiles have more to do and come first.
            let tile = tileCount - 1 - part / headCount
            let start = tile * DecoderSpace.attentionTile
            let tokens = start..<min(start + DecoderSpace.attentionTile, tokenCount)
            attend(layer, head: part % headCount, tokens: tokens, member: member)
        }
    }

    private func attend(_ layer: LayerAttention, head: Int, tokens: Range<Int>, member: Int) {
        let width = configuration.headWidth
        let keyHead = head / (configuration.headCount / configuration.keyValueHeadCount)
        let queries = tokens.lowerBound * space.queryWidth + head * width
        let visible = tokens.map { layer.visible(from: firstPosition + $0, in: layout) }
        // Keys of the tile, from a whole unit on: those before the windows of all its queries are left out.
        let first = (visible.map(\.lowerBound).min() ?? 0) / KeyValueCache.unit * KeyValueCache.unit
        let count = (visible.map(\.upperBound).max() ?? 0) - first
        let units = KeyValueCache.wholeUnits(count)
        // A tile has at most min(batchLimit, attentionTile) tokens, and there is a tile of scores a member.
        let tileCount = space.scores.count / space.scoreStride / team.threadCount
        let scores = unsafe space.scores.pointer + member * tileCount * space.scoreStride
        for token in tokens {
            // Of [token, queryWidth].
            let query = unsafe space.query.pointer + token * space.queryWidth + head * width
            if let kind = layer.rotaryKind { unsafe rotary[kind].turn(query, by: angles(kind, token)) }
            unsafe mmk_scale(query, Float(configuration.attentionScale), width)
        }
        // `count` keys of the head from `first` on are in the cache, and a row of scores is as long as its capacity.
        unsafe mmk_matmul(
            0,
            cache.keys.pointer + cache.keyOffset(layer: layer.cacheLayer, head: keyHead) + first * cache.keyStride,
            cache.keyStride * MemoryLayout<Float>.stride,
            count,
            width,
            space.query.pointer + queries,
            space.queryWidth,
            tokens.count,
            scores,
            space.scoreStride
        )
        for (row, range) in visible.enumerated() {
            let line = unsafe scores + row * space.scoreStride
            let (start, length) = (range.lowerBound - first, range.count)
            // The range lies in first ..< first + count.
            if let cap = configuration.attentionSoftcap { unsafe mmk_softcap(line + start, Float(cap), length) }
            unsafe mmk_softmax(line + start, length)
            // What a query does not see counts for nothing.
            unsafe line.update(repeating: 0, count: start)
            unsafe (line + start + length).update(repeating: 0, count: units - start - length)
        }
        // The transposed values have `width` rows of at least first + units elements, zeros after the visible ones.
        unsafe mmk_matmul(
            0,
            cache.values.pointer + cache.valueOffset(layer: layer.cacheLayer, head: keyHead) + first,
            cache.valueStride * MemoryLayout<Float>.stride,
            width,
            units,
            scores,
            space.scoreStride,
            tokens.count,
            space.mixed.pointer + queries,
            space.queryWidth
        )
    }
}
