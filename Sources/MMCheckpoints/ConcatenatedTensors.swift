internal import MMTensors

/// The tensors of several files, one file after the other, as one list.
struct ConcatenatedTensors<Member: TensorSource>: Sendable {
    let members: [Member]
    let tensors: [TensorDescriptor]
    /// The index that the first tensor of each member has in the list.
    private let starts: [Int]

    init(_ members: [Member]) {
        var tensors: [TensorDescriptor] = []
        var starts: [Int] = []
        for member in members {
            starts.append(tensors.count)
            tensors += member.tensors
        }
        self.members = members
        self.tensors = tensors
        self.starts = starts
    }

    func read(_ index: Int, at offset: Int, into destination: inout MutableRawSpan) throws {
        let (member, local) = locate(index)
        try members[member].read(local, at: offset, into: &destination)
    }

    func load(_ index: Int) throws -> TensorBytes {
        let (member, local) = locate(index)
        return try members[member].load(local)
    }

    func extent(_ index: Int) -> FileExtent? {
        let (member, local) = locate(index)
        return members[member].extent(local)
    }

    /// The member that has tensor `index`, and the tensor's index there.
    private func locate(_ index: Int) -> (member: Int, local: Int) {
        precondition(tensors.indices.contains(index))
        var low = 0
        var high = starts.count
        // starts[low] <= index < starts[high], taking the end for infinity.
        while high - low > 1 {
            let middle = low + (high - low) / 2
            if starts[middle] <= index { low = middle } else { high = middle }
        }
        return (low, index - starts[low])
    }
}
