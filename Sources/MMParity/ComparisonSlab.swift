internal import MMTensors

/// A piece of a pair of tensors that is compared at once: whole rows, or a run of elements of one long row.
struct ComparisonSlab: Sendable {
    /// Stored elements of a slab at most, padding included: half a MiB as f32. Every block size divides it.
    static let elementLimit = 1 << 17

    let pair: Int
    let rows: Range<Int>
    /// Logical elements of each row; all of them but for a piece of a long row.
    let columns: Range<Int>

    /// The slabs of a pair of tensors of one shape, in order: one at least, so that an empty tensor is finished too.
    static func covering(_ pair: Int, _ base: TensorDescriptor, _ other: TensorDescriptor) -> [ComparisonSlab] {
        let width = base.rowElementCount
        guard base.rowCount > 0, width > 0 else { return [ComparisonSlab(pair: pair, rows: 0..<0, columns: 0..<0)] }
        if width > elementLimit {
            return (0..<base.rowCount).flatMap { row in
                stride(from: 0, to: width, by: elementLimit).map { start in
                    let columns = start..<min(start + elementLimit, width)
                    return ComparisonSlab(pair: pair, rows: row..<row + 1, columns: columns)
                }
            }
        }
        let rowLimit = max(elementLimit / max(base.paddedRowElementCount, other.paddedRowElementCount), 1)
        return stride(from: 0, to: base.rowCount, by: rowLimit).map { start in
            ComparisonSlab(pair: pair, rows: start..<min(start + rowLimit, base.rowCount), columns: 0..<width)
        }
    }

    /// Where the slab begins in the stored bytes of a tensor.
    func offset(in tensor: TensorDescriptor) -> Int {
        let block = tensor.type.block
        // Inside the tensor, whose byte count fits; where columns do not begin at 0 they begin at whole blocks.
        return rows.lowerBound * tensor.rowByteCount + columns.lowerBound / block.elementCount * block.byteCount
    }

    /// Elements of one row of the slab with the padding that a tensor stores.
    func storedRowElementCount(in tensor: TensorDescriptor) -> Int {
        let block = tensor.type.block.elementCount
        return (columns.count + block - 1) / block * block
    }

    func storedElementCount(in tensor: TensorDescriptor) -> Int { rows.count * storedRowElementCount(in: tensor) }

    func byteCount(in tensor: TensorDescriptor) -> Int {
        storedElementCount(in: tensor) / tensor.type.block.elementCount * tensor.type.block.byteCount
    }
}
