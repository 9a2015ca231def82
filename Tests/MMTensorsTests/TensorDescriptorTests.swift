import MMBytes
import MMTensors
import Testing

@Suite struct TensorDescriptorTests {
    private static func descriptor(_ type: ElementType, _ dimensions: [Int]) -> TensorDescriptor? {
        Shape(dimensions).flatMap { TensorDescriptor(name: "t", type: type, shape: $0) }
    }

    @Test func padsQuantizedRowsToTheBlock() throws {
        let tensor = try #require(Self.descriptor(.q4_0, [3, 40]))
        #expect(tensor.rowByteCount == 36)
        #expect(tensor.byteCount == 108)
        #expect(tensor.paddedRowElementCount == 64)
        #expect(tensor.rowElementCount == 40)
    }

    @Test func aScalarIsOneRowOfOneElement() throws {
        let tensor = try #require(Self.descriptor(.f32, []))
        #expect(tensor.rowCount == 1 && tensor.byteCount == 4)
    }

    @Test(arguments: [[0], [3, 0], [0, 3], [2, 0, 5]]) func anEmptyTensorHasNoBytes(dimensions: [Int]) throws {
        let tensor = try #require(Self.descriptor(.q8_0, dimensions))
        #expect(tensor.byteCount == 0 && tensor.rowCount == 0)
    }

    @Test func packedPlainTypesPackAcrossRows() throws {
        let tensor = try #require(Self.descriptor(.f4, [2, 3]))
        #expect(tensor.rowCount == 1 && tensor.byteCount == 3)
        #expect(Self.descriptor(.f4, [1, 3]) == nil)
        let even = try #require(Self.descriptor(.f4, [2, 4]))
        #expect(even.rowCount == 2 && even.rowByteCount == 2)
    }

    @Test func refusesSizesThatOverflow() {
        #expect(Shape([1 << 40, 1 << 40]) == nil)
        #expect(Shape([-1]) == nil)
        #expect(Shape(Array(repeating: 1, count: 65)) == nil)
        #expect(Self.descriptor(.f64, [1 << 31, 1 << 31]) == nil)
        #expect(Self.descriptor(.q4_0, [1 << 61, 1]) == nil)
    }

    @Test(arguments: ElementType.allCases) func everyGGMLIdLeadsBackToItsType(type: ElementType) {
        if let id = type.ggmlType { #expect(ElementType(ggmlType: id) == type) }
        #expect(type.block.elementCount > 0 && type.block.byteCount > 0)
    }
}
