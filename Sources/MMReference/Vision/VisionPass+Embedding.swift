internal import CKernels
internal import MMArchitectures
internal import MMStorage

extension VisionPass {
    /// The patches of `input` into the stream, with their positions and the norms before the first layer.
    func embed(_ input: VisionInput) throws {
        let elementCount = tower.configuration.patchElementCount
        let patches = try FloatBuffer(count: space.blockCount * elementCount)
        let taps = tower.position.taps(for: layout.visible)
        if let token = tower.classToken {
            // Row 0 of the stream is the class token's.
            unsafe space.stream.pointer.update(from: token.pointer, count: space.width)
            tower.position.addLead(to: space.stream)
            if let norm = tower.preNorm { unsafe norm.apply(space.stream.pointer, to: space.stream.pointer) }
        }
        for start in stride(from: 0, to: layout.order.count, by: space.blockCount) {
            let block = start..<min(start + space.blockCount, layout.order.count)
            forTokens(of: block) { tokens in
                for patch in tokens {
                    let row = unsafe patches.pointer + (patch - block.lowerBound) * elementCount
                    // A row of [block, elementCount].
                    unsafe copy(patch, of: input, to: row)
                }
            }
            multiply(patches, block)
            forTokens(of: block) { tokens in
                for patch in tokens {
                    // A row of [token, width], behind the class token.
                    let token = unsafe space.stream.pointer + (layout.leadCount + patch) * space.width
                    if let norm = tower.embeddingNorm { unsafe norm.apply(token, to: token) }
                    unsafe tower.position.add(layout.places[patch], taps, to: token)
                    if let norm = tower.preNorm { unsafe norm.apply(token, to: token) }
                }
            }
        }
    }

    private func multiply(_ patches: FloatBuffer, _ block: Range<Int>) {
        let matrix = tower.patch
        let parts = min(max(space.width / 16, 1), team.threadCount * 4)
        team.run(parts: parts) { part in
            // [block, columnCount] into the block's rows of [token, width].
            unsafe matrix.multiply(
                rows: space.width.share(part, of: parts),
                input: patches.pointer,
                inputStride: matrix.columnCount,
                tokenCount: block.count,
                output: space.stream.pointer + (layout.leadCount + block.lowerBound) * space.width,
                outputStride: space.width
            )
        }
    }

    /// The values of a patch, by channel, frame, row and column, to `destination` of `patchElementCount` elements.
    @unsafe private func copy(_ patch: Int, of input: VisionInput, to destination: UnsafeMutablePointer<Float>) {
        let configuration = tower.configuration
        switch input.layout {
        case .patches:
            let count = configuration.patchElementCount
            let first = layout.order[patch] * count
            for index in 0..<count { unsafe destination[index] = input.values[first + index] }
        case .planes(let height, let width):
            let side = configuration.patch.side
            // Planes are of one frame in rows.
            let (row, column) = layout.order[patch].quotientAndRemainder(dividingBy: layout.grid.columns)
            let origin = row * side * width + column * side
            var written = 0
            for channel in 0..<configuration.patch.channelCount {
                for row in 0..<side {
                    let first = origin + (channel * height + row) * width
                    for column in 0..<side { unsafe destination[written + column] = input.values[first + column] }
                    written += side
                }
            }
        }
    }
}
