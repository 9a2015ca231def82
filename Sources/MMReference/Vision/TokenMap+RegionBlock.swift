internal import CKernels
internal import MMArchitectures
internal import MMStorage

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

extension TokenMap {
    /// The tokens after a block of RegNet, which sees them as pixels.
    func after(_ block: RegionBlock, _ team: ThreadTeam) throws -> TokenMap {
        guard isPlain else { throw impossible("a convolution") }
        let silu = VisionActivation.silu
        let first = try projected(by: block.first, team)
        _ = unsafe first.changed(team) { _, row in unsafe silu.apply(to: row, count: first.width) }
        let inner = try first.convolved(block, team)
        let gate = try inner.excitation(block, team)
        _ = unsafe inner.changed(team) { _, row in
            // One row of as many elements.
            unsafe mmk_mul(row, gate.pointer, inner.width)
        }
        let last = try inner.projected(by: block.last, team)
        let shortcut = try block.shortcut.map { try projected(by: $0, team) } ?? self
        return unsafe last.changed(team) { token, row in
            // Both are [token, outputWidth].
            unsafe mmk_add(row, shortcut.values.pointer + token * last.width, last.width)
            unsafe silu.apply(to: row, count: last.width)
        }
    }

    /// A matrix, then a norm.
    private func projected(by projection: RegionBlock.Projection, _ team: ThreadTeam) throws -> TokenMap {
        let norm = projection.norm
        return unsafe try multiplied(by: projection.matrix, team).changed(team) { _, row in
            unsafe norm.apply(row, to: row)
        }
    }

    /// Each element of a token from the same elements of the 3 x 3 tokens around it, zero outside; then norm and SiLU.
    private func convolved(_ block: RegionBlock, _ team: ThreadTeam) throws(ReferenceError) -> TokenMap {
        let output = with(try FloatBuffer(count: tokenCount * width), width: width)
        let (side, reach) = (RegionBlock.side, RegionBlock.side / 2)
        return unsafe output.changed(team) { token, row in
            let (y, x) = token.quotientAndRemainder(dividingBy: columns)
            for down in 0..<side {
                for across in 0..<side {
                    let (sourceRow, sourceColumn) = (y + down - reach, x + across - reach)
                    guard (0..<rows).contains(sourceRow), (0..<columns).contains(sourceColumn) else { continue }
                    // Within rows x columns tokens of `width`, and within 9 taps of as many elements.
                    let source = unsafe values.pointer + (sourceRow * columns + sourceColumn) * width
                    let weights = unsafe block.taps.pointer + (down * side + across) * width
                    for index in 0..<width { unsafe row[index] += source[index] * weights[index] }
                }
            }
            unsafe block.depthwiseNorm.apply(row, to: row)
            unsafe VisionActivation.silu.apply(to: row, count: width)
        }
    }

    /// By what each element of every token is multiplied: sigmoid(W2 silu(W1 mean)), [width].
    private func excitation(_ block: RegionBlock, _ team: ThreadTeam) throws -> FloatBuffer {
        let mean = try pooled(rows: 1, columns: 1) { _, length in 0..<length }
        let squeezed = try mean.multiplied(by: block.squeeze, team)
        _ = unsafe squeezed.changed(team) { _, row in
            unsafe VisionActivation.silu.apply(to: row, count: squeezed.width)
        }
        let gate = try squeezed.multiplied(by: block.excitation, team).values
        for index in 0..<width {
            // One row of `width` elements.
            unsafe gate.pointer[index] = 1 / (1 + exp(-gate.pointer[index]))
        }
        return gate
    }

    /// Learned tokens [count, width] behind the others.
    func appending(_ tokens: FloatBuffer, count: Int) throws -> TokenMap {
        guard leadCount == 0, blockSide == 1 else { throw impossible("appending \(count) tokens") }
        let total = tokenCount + count
        let output = try FloatBuffer(count: total * width)
        // tokenCount rows of [total, width], then `count`.
        unsafe output.pointer.update(from: values.pointer, count: tokenCount * width)
        unsafe (output.pointer + tokenCount * width).update(from: tokens.pointer, count: count * width)
        return row(output, count: total, width: width)
    }

    /// Adds to each token the row of where it lies.
    func adding(_ positions: TokenPositions, _ team: ThreadTeam) throws -> TokenMap {
        if positions.count == tokenCount, positions.interpolation == .none || isPlain && rows == columns {
            return unsafe changed(team) { token, row in
                // A row of the table, which has skip + count.
                unsafe mmk_add(row, positions.table.pointer + (positions.skip + token) * width, width)
            }
        }
        guard isPlain, let side = positions.side, positions.interpolation != .none else {
            throw impossible("adding \(positions.count) positions")
        }
        let down = AxisTaps(count: rows, side: side, interpolation: positions.interpolation)
        let across = AxisTaps(count: columns, side: side, interpolation: positions.interpolation)
        return unsafe changed(team) { token, row in
            let (y, x) = token.quotientAndRemainder(dividingBy: columns)
            for rowTap in y * down.tapCount..<(y + 1) * down.tapCount {
                for columnTap in x * across.tapCount..<(x + 1) * across.tapCount {
                    let index = positions.skip + down.indices[rowTap] * side + across.indices[columnTap]
                    // Taps are below side, so the row is within the table.
                    unsafe mmk_axpy(
                        down.weights[rowTap] * across.weights[columnTap],
                        positions.table.pointer + index * width,
                        width,
                        row
                    )
                }
            }
        }
    }
}
