internal import CKernels
internal import MMArchitectures
internal import MMStorage

extension TokenMap {
    /// The tokens of a tower, of several features one beside the other.
    init(_ features: VisionFeatures, _ selected: [VisionFeature], dropsClassToken: Bool) throws {
        let dropped = dropsClassToken ? features.leadCount : 0
        let isPooled = selected.contains(.pooled)
        guard !isPooled || selected.count == 1 else { throw VisionError(.noSelection) }
        tokenCount = isPooled ? 1 : features.tokenCount - dropped
        width = features.width * selected.count
        rows = isPooled ? 1 : features.grid.rows
        columns = isPooled ? 1 : features.grid.columns
        leadCount = isPooled ? 0 : features.leadCount - dropped
        blockSide = isPooled ? 1 : features.blockSide
        values = try FloatBuffer(count: tokenCount * width)
        for (place, feature) in selected.enumerated() {
            let from = try features.values(of: feature)
            for token in 0..<tokenCount {
                // Rows of the feature's [token, features.width] behind those dropped, into a part of [token, width].
                unsafe (values.pointer + token * width + place * features.width).update(
                    from: from.pointer + (token + (isPooled ? 0 : dropped)) * features.width,
                    count: features.width
                )
            }
        }
    }

    /// The tokens after a step that does not select.
    func after(_ step: ConnectorStep, team: ThreadTeam) throws -> TokenMap {
        switch step {
        case .select: return self
        case .addPosition(let positions): return try adding(positions, team)
        case .linear(let matrix): return try multiplied(by: matrix, team)
        case .transposedLinear(let matrix, let outputWidth, let bias):
            return try multiplied(byTransposed: matrix, outputWidth, bias, team)
        case .activation(let activation):
            return unsafe changed(team) { _, row in unsafe activation.apply(to: row, count: width) }
        case .norm(let norm): return unsafe changed(team) { _, row in unsafe norm.apply(row, to: row) }
        case .averagePool(let side):
            guard isPlain, side <= rows, side <= columns else { throw impossible("pooling by \(side)") }
            return try pooled(rows: rows / side, columns: columns / side) { index, _ in
                index * side..<(index + 1) * side
            }
        case .adaptivePool(let side):
            guard isPlain else { throw impossible("pooling to \(side)") }
            return try pooled(rows: side, columns: side) { index, length in
                Self.region(index, of: side, over: length)
            }
        case .pixelShuffle(let side): return try shuffled(side)
        case .regionBlock(let block): return try after(block, team)
        case .attentionPool(let pool): return try after(pool, team)
        case .append(let tokens, let count): return try appending(tokens, count: count)
        case .merge(let side):
            guard blockSide == side, leadCount == 0 else { throw impossible("merging by \(side)") }
            // Blocks of tokens follow one another, so that the values stay where they are.
            return TokenMap(
                values: values,
                tokenCount: tokenCount / (side * side),
                width: width * side * side,
                rows: rows / side,
                columns: columns / side,
                leadCount: 0,
                blockSide: 1
            )
        }
    }

    /// Which of `length` tokens in a row region `index` of `count` averages: torch's adaptive pooling.
    package static func region(_ index: Int, of count: Int, over length: Int) -> Range<Int> {
        index * length / count..<((index + 1) * length + count - 1) / count
    }

    func impossible(_ step: String) -> VisionError {
        VisionError(.impossibleStep(step, rows: rows, columns: columns))
    }

    /// Changes every token in place.
    @unsafe func changed(
        _ team: ThreadTeam,
        _ body: @Sendable (_ token: Int, _ row: UnsafeMutablePointer<Float>) -> Void
    ) -> TokenMap {
        let parts = min((tokenCount + 7) / 8, team.threadCount * 2)
        team.run(parts: parts) { part in
            for token in tokenCount * part / parts..<tokenCount * (part + 1) / parts {
                // A row of [token, width].
                unsafe body(token, values.pointer + token * width)
            }
        }
        return self
    }

    func with(_ values: FloatBuffer, width: Int) -> TokenMap {
        TokenMap(
            values: values,
            tokenCount: tokenCount,
            width: width,
            rows: rows,
            columns: columns,
            leadCount: leadCount,
            blockSide: blockSide
        )
    }

    func multiplied(by matrix: WeightMatrix, _ team: ThreadTeam) throws(ReferenceError) -> TokenMap {
        let output = try FloatBuffer(count: tokenCount * matrix.rowCount)
        let parts = min(max(matrix.rowCount / 16, 1), team.threadCount * 4)
        team.run(parts: parts) { part in
            // [token, width] into [token, rowCount].
            unsafe matrix.multiply(
                rows: matrix.rowCount.share(part, of: parts),
                input: values.pointer,
                inputStride: width,
                tokenCount: tokenCount,
                output: output.pointer,
                outputStride: matrix.rowCount
            )
        }
        return with(output, width: matrix.rowCount)
    }

    private func multiplied(
        byTransposed matrix: FloatBuffer,
        _ outputWidth: Int,
        _ bias: FloatBuffer?,
        _ team: ThreadTeam
    ) throws(ReferenceError) -> TokenMap {
        let output = try FloatBuffer(count: tokenCount * outputWidth)
        let parts = min(max(outputWidth / 16, 1), team.threadCount * 4)
        team.run(parts: parts) { part in
            let share = outputWidth.share(part, of: parts)
            // Rows of [outputWidth, width] and [token, width] into columns of [token, outputWidth].
            unsafe mmk_matmul(
                0,
                matrix.pointer + share.lowerBound * width,
                width * MemoryLayout<Float>.stride,
                share.count,
                width,
                values.pointer,
                width,
                tokenCount,
                output.pointer + share.lowerBound,
                outputWidth
            )
            guard let bias else { return }
            for token in 0..<tokenCount {
                let row = unsafe output.pointer + token * outputWidth + share.lowerBound
                unsafe mmk_add(row, bias.pointer + share.lowerBound, share.count)
            }
        }
        return with(output, width: outputWidth)
    }

    /// The mean of the region of rows and columns that `region` gives for each place.
    func pooled(
        rows newRows: Int,
        columns newColumns: Int,
        _ region: (_ index: Int, _ length: Int) -> Range<Int>
    ) throws(ReferenceError) -> TokenMap {
        let output = try FloatBuffer(count: newRows * newColumns * width)
        for row in 0..<newRows {
            for column in 0..<newColumns {
                let target = unsafe output.pointer + (row * newColumns + column) * width
                let (down, across) = (region(row, rows), region(column, columns))
                for y in down {
                    for x in across {
                        // Within rows x columns tokens of `width`.
                        unsafe mmk_add(target, values.pointer + (y * columns + x) * width, width)
                    }
                }
                unsafe mmk_scale(target, 1 / Float(down.count * across.count), width)
            }
        }
        return TokenMap(
            values: output,
            tokenCount: newRows * newColumns,
            width: width,
            rows: newRows,
            columns: newColumns,
            leadCount: 0,
            blockSide: 1
        )
    }

    private func shuffled(_ side: Int) throws -> TokenMap {
        guard isPlain, rows % side == 0, columns % side == 0 else { throw impossible("shuffling by \(side)") }
        let output = try FloatBuffer(count: tokenCount * width)
        for row in 0..<rows {
            for column in 0..<columns {
                let token = (row / side * (columns / side) + column / side) * side * side
                let part = row % side * side + column % side
                // A permutation of the tokens.
                unsafe (output.pointer + (token + part) * width).update(
                    from: values.pointer + (row * columns + column) * width,
                    count: width
                )
            }
        }
        return TokenMap(
            values: output,
            tokenCount: tokenCount / (side * side),
            width: width * side * side,
            rows: rows / side,
            columns: columns / side,
            leadCount: 0,
            blockSide: 1
        )
    }
}
