import MMBytes
import MMTensors

/// A source whose tensors lie in memory, and which counts how it is read.
struct CountingSource: TensorSource {
    var format = "safetensors"
    var tensors: [TensorDescriptor] = []
    var contents: [[UInt8]] = []
    var configuration = ModelConfiguration.none
    var metadata: JSONValue = .object([])
    var assets: [Asset] = []
    var files: [SourceFile] = []
    let reads = ReadCounter()

    func read(_ index: Int, at offset: Int, into destination: inout MutableRawSpan) throws {
        let block = tensors[index].type.block.byteCount
        precondition(offset % block == 0 && destination.byteCount % block == 0)
        precondition(offset >= 0 && offset + destination.byteCount <= contents[index].count)
        reads.count(destination.byteCount)
        destination.withUnsafeMutableBytes { output in
            contents[index].withUnsafeBytes { input in
                output.copyMemory(from: UnsafeRawBufferPointer(rebasing: input[offset..<offset + output.count]))
            }
        }
    }

    mutating func add(_ name: String, _ type: ElementType, _ dimensions: [Int], _ bytes: [UInt8]? = nil) throws {
        let descriptor = try TestTensor.descriptor(name, type, dimensions)
        tensors.append(descriptor)
        contents.append(bytes ?? TestTensor.noise(descriptor.byteCount, seed: contents.count))
    }

    mutating func remove(_ name: String) {
        guard let index = tensors.firstIndex(where: { $0.name == ByteString(name) }) else { return }
        tensors.remove(at: index)
        contents.remove(at: index)
    }

    func bytes(_ name: String) -> [UInt8]? {
        tensors.firstIndex { $0.name == ByteString(name) }.map { contents[$0] }
    }
}
