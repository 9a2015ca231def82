package import MMArchitectures

extension SequenceLayout {
    /// Where the tokens of `pictures` go in a sequence of ids: in order, to the places that hold the placeholder.
    ///
    /// - Parameter prefixCount: positions that see each other, of a model whose prefix does.
    /// - Throws: `VisionError.placeholdersDoNotFit` where there are more or fewer places than tokens.
    package init(
        of ids: [UInt32],
        pictures: [PictureTokens],
        fusion: FusionConfiguration,
        prefixCount: Int
    ) throws(VisionError) {
        let places = ids.indices.filter { Int(ids[$0]) == fusion.placeholderID }
        let tokenCount = pictures.reduce(0) { $0 + $1.count }
        guard places.count == tokenCount else {
            throw VisionError(.placeholdersDoNotFit(places: places.count, tokens: tokenCount))
        }
        var features: [FeatureSpan] = []
        var injections: [Int: [FeatureSpan]] = [:]
        var next = 0
        for picture in pictures {
            for run in Self.runs(places[next..<next + picture.count]) {
                func span(_ values: FloatBuffer) -> FeatureSpan {
                    FeatureSpan(
                        start: places[run.lowerBound],
                        count: run.count,
                        values: values,
                        firstRow: run.lowerBound - next
                    )
                }
                features.append(span(picture.values))
                for (layer, values) in picture.deepStack.enumerated() {
                    injections[layer, default: []].append(span(values))
                }
            }
            next += picture.count
        }
        let blocks: [Range<Int>] =
            switch fusion.mask {
            case .causal: []
            case .pictures: Self.runs(places[...]).map { places[$0.lowerBound]..<places[$0.lowerBound] + $0.count }
            case .prefix: prefixCount > 1 ? [0..<min(prefixCount, ids.count)] : []
            }
        let positions = fusion.positions == .axes ? try Self.positions(of: ids, pictures, fusion) : []
        self.init(
            positions: positions,
            features: features,
            injections: injections,
            blocks: blocks,
            seesBlocksWhole: fusion.mask == .prefix
        )
    }

    /// Indices of `places` cut into runs of consecutive places.
    private static func runs(_ places: ArraySlice<Int>) -> [Range<Int>] {
        var runs: [Range<Int>] = []
        for index in places.indices {
            if let last = runs.last, places[index] == places[index - 1] + 1 {
                runs[runs.count - 1] = last.lowerBound..<index + 1
            } else {
                runs.append(index..<index + 1)
            }
        }
        return runs
    }

    /// Text counts one by one; a picture's tokens have the position of the first in time, and count down and across from
    /// it; what follows goes on behind the highest (`get_rope_index` of modeling_qwen2_vl.py).
    private static func positions(
        of ids: [UInt32],
        _ pictures: [PictureTokens],
        _ fusion: FusionConfiguration
    ) throws(VisionError) -> [RotaryPosition] {
        var positions: [RotaryPosition] = []
        var (next, picture) = (0, 0)
        while positions.count < ids.count {
            guard Int(ids[positions.count]) == fusion.placeholderID else {
                positions.append(RotaryPosition(next))
                next += 1
                continue
            }
            guard let grid = pictures[picture].grid, grid.frames * grid.rows * grid.columns == pictures[picture].count
            else { throw VisionError(.pictureWithoutGrid) }
            for frame in 0..<grid.frames {
                for row in 0..<grid.rows {
                    for column in 0..<grid.columns {
                        positions.append(RotaryPosition(time: next + frame, row: next + row, column: next + column))
                    }
                }
            }
            next += max(grid.frames, grid.rows, grid.columns)
            picture += 1
        }
        return positions
    }
}
