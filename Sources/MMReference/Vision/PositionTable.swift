internal import CKernels
internal import MMArchitectures

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// What a tower adds to its patches, and to its class token, for where they are.
struct PositionTable: Sendable {
    private let position: VisionConfiguration.Position
    /// Learned rows, [lead + side * side, width]; nil where there are none.
    private let rows: FloatBuffer?
    private let leadCount: Int
    private let width: Int

    init(_ configuration: VisionConfiguration, from loader: WeightLoader) throws {
        position = configuration.position
        width = configuration.modelWidth
        leadCount = configuration.hasClassToken ? 1 : 0
        guard case .learned(let side, _) = position else {
            rows = nil
            return
        }
        rows = try loader.table("vision.position", rows: leadCount + side * side, columns: width)
    }

    /// What is added to the class token.
    func addLead(to token: FloatBuffer) {
        guard let rows, leadCount == 1 else { return }
        // Row 0 of the table, and a token's width of the buffer's beginning.
        unsafe mmk_add(token.pointer, rows.pointer, width)
    }

    /// The taps of a grid's rows and columns.
    func taps(for grid: PatchGrid) -> (rows: AxisTaps, columns: AxisTaps)? {
        guard case .learned(let side, let interpolation) = position else { return nil }
        let fits = grid.rows == side && grid.columns == side && interpolation != .bucketed
        let used = fits ? .none : interpolation
        return (
            AxisTaps(count: grid.rows, side: side, interpolation: used),
            AxisTaps(count: grid.columns, side: side, interpolation: used)
        )
    }

    /// Adds to the token of `place` its position; the token has `width` elements.
    @unsafe func add(
        _ place: VisionLayout.Place,
        _ taps: (rows: AxisTaps, columns: AxisTaps)?,
        to token: UnsafeMutablePointer<Float>
    ) {
        switch position {
        case .none: break
        case .sinusoidal: unsafe addWaves(place, to: token)
        case .learned(let side, _):
            guard let rows, let taps else { return }
            for down in 0..<taps.rows.tapCount {
                let rowTap = place.row * taps.rows.tapCount + down
                for across in 0..<taps.columns.tapCount {
                    let columnTap = place.column * taps.columns.tapCount + across
                    let weight = taps.rows.weights[rowTap] * taps.columns.weights[columnTap]
                    guard weight != 0 else { continue }
                    let index = leadCount + taps.rows.indices[rowTap] * side + taps.columns.indices[columnTap]
                    // Taps are below side, so the row is within the table.
                    unsafe mmk_axpy(weight, rows.pointer + index * width, width, token)
                }
            }
        }
    }

    private func addWaves(_ place: VisionLayout.Place, to token: UnsafeMutablePointer<Float>) {
        let quarter = width / 4
        for index in 0..<quarter {
            let frequency = pow(10000, -Double(index) / Double(quarter))
            let (across, down) = (Double(place.column) * frequency, Double(place.row) * frequency)
            // Four quarters of the token's width.
            unsafe token[index] += Float(sin(across))
            unsafe token[quarter + index] += Float(cos(across))
            unsafe token[2 * quarter + index] += Float(sin(down))
            unsafe token[3 * quarter + index] += Float(cos(down))
        }
    }
}
