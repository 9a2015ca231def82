internal import CKernels
internal import MMArchitectures
internal import MMStorage

extension DecoderBatch {
    /// Turns the keys and appends keys and values to the cache.
    func storeKeysAndValues(layer: Int) {
        let headCount = decoder.configuration.keyValueHeadCount
        // For one token the work is less than a region costs.
        if tokenCount == 1 {
            for head in 0..<headCount { storeKeysAndValues(layer: layer, head: head) }
        } else {
            team.run(parts: headCount) { head in storeKeysAndValues(layer: layer, head: head) }
        }
    }

    private func storeKeysAndValues(layer: Int, head: Int) {
        let width = decoder.configuration.headWidth
        let rotaryWidth = decoder.configuration.rope.width
        let keyOffset = cache.keyOffset(layer: layer, head: head) + firstPosition * cache.keyStride
        let valueOffset = cache.valueOffset(layer: layer, head: head) + firstPosition
        for token in 0..<tokenCount {
            let source = token * space.keyWidth + head * width
            // Token, head and position are within buffers of [token, keyWidth] and the cache, whose capacity was
            // checked before the batch.
            unsafe decoder.rotary.turn(
                space.key.pointer + source,
                by: space.angles.pointer + token * rotaryWidth
            )
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

    /// mixed = softmax(scale * queries x keys) x values, each position over itself and those before it.
    func attend(layer: Int) {
        let headCount = decoder.configuration.headCount
        let tileCount = (tokenCount + DecoderSpace.attentionTile - 1) / DecoderSpace.attentionTile
        team.run(parts: headCount * tileCount) { part, member in
            // Later tiles have more to do and come first.
            let tile = tileCount - 1 - part / headCount
            let start = tile * DecoderSpace.attentionTile
            let tokens = start..<min(start + DecoderSpace.attentionTile, tokenCount)
            attend(layer: layer, head: part % headCount, tokens: tokens, member: member)
        }
    }

    private func attend(layer: Int, head: Int, tokens: Range<Int>, member: Int) {
        let configuration = decoder.configuration
        let width = configuration.headWidth
        let keyHead = head / (configuration.headCount / configuration.keyValueHeadCount)
        let queries = tokens.lowerBound * space.queryWidth + head * width
        let visible = firstPosition + tokens.upperBound
        let units = KeyValueCache.wholeUnits(visible)
        // A tile has at most min(batchLimit, attentionTile) tokens, and there is a tile of scores a member.
        let tileCount = space.scores.count / space.scoreStride / team.threadCount
        let scores = unsafe space.scores.pointer + member * tileCount * space.scoreStride
        for token in tokens {
            // Of [token, queryWidth] and [token, rotary width].
            let query = unsafe space.query.pointer + token * space.queryWidth + head * width
            unsafe decoder.rotary.turn(query, by: space.angles.pointer + token * configuration.rope.width)
            unsafe mmk_scale(query, Float(configuration.attentionScale), width)
        }
        // `visible` keys of the head are in the cache, and a row of scores is as long as its capacity.
        unsafe mmk_matmul(
            0,
            cache.keys.pointer + cache.keyOffset(layer: layer, head: keyHead),
            cache.keyStride * MemoryLayout<Float>.stride,
            visible,
            width,
            space.query.pointer + queries,
            space.queryWidth,
            tokens.count,
            scores,
            space.scoreStride
        )
        for (row, token) in tokens.enumerated() {
            let past = firstPosition + token + 1
            let line = unsafe scores + row * space.scoreStride
            unsafe mmk_softmax(line, past)
            // What lies ahead counts for nothing.
            unsafe (line + past).update(repeating: 0, count: units - past)
        }
        // The transposed values have `width` rows of at least `units` elements, zeros after the visible ones.
        unsafe mmk_matmul(
            0,
            cache.values.pointer + cache.valueOffset(layer: layer, head: keyHead),
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
