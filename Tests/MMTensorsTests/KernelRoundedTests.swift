import CKernels
import Testing

/// The product with x rounded to 16 bits.
@Suite struct KernelRoundedTests {
    typealias Product = KernelMatmulTests.Product
    typealias Operands = KernelMatmulTests.Operands

    /// What is computed with words.
    static let types: [KernelType] = [.q40, .q41, .q50, .q51, .q80, .iq4NL, .q4K, .q5K, .q6K]
    static let products = [
        Product(rows: 1, columns: 256, tokens: 1), Product(rows: 7, columns: 512, tokens: 3),
        Product(rows: 5, columns: 768, tokens: 4), Product(rows: 3, columns: 2048, tokens: 2),
    ]

    @Test(arguments: types)
    func isOffByNoMoreThanTheRoundingOfEachBlock(_ type: KernelType) throws {
        for shape in Self.products {
            let operands = try Operands(type, shape)
            let wanted = try operands.expected()
            let allowed = try Self.allowed(operands)
            for isa in Kernels.instructionSets {
                let found = operands.multiply(isa, isRounded: true)
                for index in found.indices {
                    let slack = allowed[index] + 1e-5 * wanted[index].magnitude
                    #expect(abs(Double(found[index]) - wanted[index].value) <= slack, "\(isa) \(shape)")
                }
            }
        }
    }

    @Test(arguments: types)
    func vectorInstructionSetsGiveTheSameBits(_ type: KernelType) throws {
        for shape in Self.products {
            let operands = try Operands(type, shape)
            let results = Kernels.instructionSets.filter { $0 != .scalar }
                .map { operands.multiply($0, isRounded: true).bits }
            #expect(results.allSatisfy { $0 == results[0] }, "\(shape)")
        }
    }

    /// Rounding to whole multiples changes nothing where x is small whole numbers beside a power of two less one.
    @Test(arguments: types)
    func isExactForWholeNumbers(_ type: KernelType) throws {
        var operands = try Operands(type, Product(rows: 6, columns: 512, tokens: 2))
        for index in operands.activations.indices {
            operands.activations[index] = index % 32 == 7 ? 32767 : Float(index * 37 % 201 - 100)
        }
        let wanted = try operands.expected()
        for isa in Kernels.instructionSets {
            for (value, wanted) in zip(operands.multiply(isa, isRounded: true), wanted) {
                #expect(abs(Double(value) - wanted.value) <= 2e-6 * wanted.magnitude, "\(isa)")
            }
        }
    }

    @Test(arguments: KernelType.allCases)
    func isTheExactProductElsewhere(_ type: KernelType) throws {
        // Parts of a block, and more tokens than are rounded.
        for shape in [Product(rows: 5, columns: 300, tokens: 2), Product(rows: 6, columns: 256, tokens: 5)] {
            let operands = try Operands(type, shape)
            let isa = mmk_best_isa()
            #expect(operands.multiply(isa, isRounded: true).bits == operands.multiply(isa).bits, "\(shape)")
        }
    }

    @Test(arguments: types, [Float.nan, .infinity, -.infinity])
    func whatIsNotFiniteIsSeen(_ type: KernelType, _ value: Float) throws {
        var operands = try Operands(type, Product(rows: 4, columns: 512, tokens: 1))
        operands.activations[300] = value
        for isa in Kernels.instructionSets where isa != .scalar {
            #expect(operands.multiply(isa, isRounded: true).allSatisfy { $0.isNaN }, "\(isa)")
        }
    }

    @Test(arguments: types)
    func zerosAndWhatIsNearlyZeroGiveZero(_ type: KernelType) throws {
        var operands = try Operands(type, Product(rows: 4, columns: 512, tokens: 1))
        for index in operands.activations.indices {
            operands.activations[index] = index < 256 ? 0 : .leastNonzeroMagnitude
        }
        for isa in Kernels.instructionSets {
            #expect(operands.multiply(isa, isRounded: true).allSatisfy { abs($0) < 1e-30 }, "\(isa)")
        }
    }

    /// The sum of the magnitudes of each row's weights times the 65534th part of the largest of their 32 inputs.
    private static func allowed(_ operands: Operands) throws -> [Double] {
        let shape = operands.shape
        let decoded = try #require(Kernels.decode(operands.type, operands.weights, isa: .scalar))
        return (0..<shape.tokens).flatMap { token in
            let x = operands.activations[token * shape.columns..<(token + 1) * shape.columns].map { abs(Double($0)) }
            return (0..<shape.rows).map { row in
                stride(from: 0, to: shape.columns, by: 32).reduce(0) { sum, k in
                    let largest = x[k..<k + 32].max() ?? 0
                    let weights = decoded[row * shape.columns + k..<row * shape.columns + k + 32]
                    return sum + weights.reduce(0) { $0 + abs(Double($1)) } * largest / 65534
                }
            }
        }
    }
}
