internal import MMStorage
internal import MMTensors

/// The bytes of tensors that lie in one file: read by position, or lent from one mapping that all share.
struct StoredTensors: Sendable {
    let file: InputFile
    /// Where each tensor begins, in bytes from the start of the file; validated with the header.
    let offsets: [Int]
    private let mapping: SharedMapping

    init(file: InputFile, offsets: [Int]) {
        self.file = file
        self.offsets = offsets
        mapping = SharedMapping(file)
    }

    func read(_ index: Int, at offset: Int, into destination: inout MutableRawSpan) throws(FileError) {
        try file.read(at: offsets[index] + offset, into: &destination)
    }

    /// The bytes of tensor `index` as a view of the mapping; nil where they do not lie as their type must in memory.
    func view(_ index: Int, of descriptor: TensorDescriptor) throws(FileError) -> TensorBytes? {
        guard file.isMappable, (file.start + offsets[index]) % Self.alignment(of: descriptor.type) == 0 else {
            return nil
        }
        return TensorBytes(mapping: try mapping.get(), offset: offsets[index], byteCount: descriptor.byteCount)
    }

    func extent(_ index: Int, of descriptor: TensorDescriptor) -> FileExtent {
        // Inside the file, as validated with the header.
        FileExtent(file: file, range: offsets[index]..<offsets[index] + descriptor.byteCount)
    }

    /// safetensors aligns nothing, and code that computes wants whole numbers where the machine has them. Quantized
    /// blocks hold at most 32-bit fields (Q8_K).
    private static func alignment(of type: ElementType) -> Int {
        let block = type.block
        if type.isQuantized { return 4 }
        return block.byteCount.nonzeroBitCount == 1 ? block.byteCount : 1
    }
}
