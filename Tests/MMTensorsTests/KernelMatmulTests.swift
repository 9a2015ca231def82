import CKernels
import Testing

@Suite struct KernelMatmulTests {
    struct Product {
        var rows: Int
        var columns: Int
        var tokens: Int
    }

    static let products = [
        Product(rows: 1, columns: 256, tokens: 1), Product(rows: 6, columns: 300, tokens: 1),
        Product(rows: 5, columns: 577, tokens: 2), Product(rows: 9, columns: 48, tokens: 3),
        Product(rows: 3, columns: 1, tokens: 4), Product(rows: 35, columns: 577, tokens: 5),
        Product(rows: 38, columns: 300, tokens: 13), Product(rows: 2, columns: 780, tokens: 98),
    ]

    /// What a product is made of.
    struct Operands {
        let type: KernelType
        let shape: Product
        let weights: [UInt8]
        let rowBytes: Int
        var activations: [Float]

        init(_ type: KernelType, _ shape: Product) throws {
            self.type = type
            self.shape = shape
            let blocks = (shape.columns + type.blockElements - 1) / type.blockElements
            rowBytes = blocks * type.blockBytes
            weights = try Kernels.blocks(type, count: shape.rows * blocks * type.blockElements, seed: 17)
            activations = Kernels.values(shape.columns * shape.tokens, seed: 19)
        }

        func multiply(_ isa: KernelISA, isRounded: Bool = false) -> [Float] {
            var result = [Float](repeating: .nan, count: shape.rows * shape.tokens)
            let product = isRounded ? mmk_matmul_rounded_isa : mmk_matmul_isa
            product(
                isa,
                type.id,
                weights,
                rowBytes,
                shape.rows,
                shape.columns,
                activations,
                shape.columns,
                shape.tokens,
                &result,
                shape.rows
            )
            return result
        }

        /// In f64 from the decoded rows, with the sum of magnitudes that bounds the rounding error.
        func expected() throws -> [(value: Double, magnitude: Double)] {
            let decoded = try #require(Kernels.decode(type, weights, isa: .scalar))
            let stride = decoded.count / shape.rows
            return (0..<shape.tokens).flatMap { token in
                (0..<shape.rows).map { row in
                    (0..<shape.columns).reduce((0, 0)) { sum, k in
                        let product = Double(decoded[row * stride + k]) * Double(activations[token * shape.columns + k])
                        return (sum.0 + product, sum.1 + abs(product))
                    }
                }
            }
        }
    }

    @Test(arguments: KernelType.allCases)
    func agreesWithDoublePrecision(_ type: KernelType) throws {
        for shape in Self.products {
            let operands = try Operands(type, shape)
            let expected = try operands.expected()
            for isa in Kernels.instructionSets {
                for (value, wanted) in zip(operands.multiply(isa), expected) {
                    #expect(abs(Double(value) - wanted.value) <= 1e-5 * wanted.magnitude + 1e-30, "\(isa) \(shape)")
                }
            }
        }
    }

    @Test(arguments: KernelType.allCases)
    func vectorInstructionSetsGiveTheSameBits(_ type: KernelType) throws {
        for shape in Self.products {
            let operands = try Operands(type, shape)
            let results = Kernels.instructionSets.filter { $0 != .scalar }.map { operands.multiply($0).bits }
            #expect(results.allSatisfy { $0 == results[0] }, "\(shape)")
        }
    }

    @Test(arguments: [KernelType.f32, .bf16, .q41, .q80, .q6K, .tq10])
    func aResultDependsOnItsOwnRowAndTokenOnly(_ type: KernelType) throws {
        for shape in Self.products {
            let operands = try Operands(type, shape)
            let whole = operands.multiply(mmk_best_isa())
            for token in 0..<shape.tokens {
                for row in 0..<shape.rows {
                    var alone: Float = .nan
                    operands.weights.withUnsafeBufferPointer { weights in
                        operands.activations.withUnsafeBufferPointer { activations in
                            mmk_matmul(
                                type.id,
                                weights.baseAddress! + row * operands.rowBytes,
                                operands.rowBytes,
                                1,
                                shape.columns,
                                activations.baseAddress! + token * shape.columns,
                                shape.columns,
                                1,
                                &alone,
                                1
                            )
                        }
                    }
                    #expect(alone.bitPattern == whole[token * shape.rows + row].bitPattern)
                }
            }
        }
    }

    @Test func surplusElementsOfTheLastBlockAreIgnored() throws {
        // The block beyond column 40 holds infinities.
        var weights = try #require(Kernels.quantize(.q80, [Float](repeating: 1, count: 64), isa: .scalar))
        let activations = [Float](repeating: 1, count: 40)
        for index in 8..<32 { weights[34 + 2 + index] = 127 }
        for isa in Kernels.instructionSets {
            for tokens in [1, 5] {
                var result = [Float](repeating: .nan, count: tokens)
                mmk_matmul_isa(isa, KernelType.q80.id, weights, 68, 1, 40, activations, 0, tokens, &result, 1)
                #expect(result.allSatisfy { abs($0 - 40) < 0.1 })
            }
        }
        var infinite = [Float](repeating: 1, count: 32)
        infinite.replaceSubrange(20..<32, with: [Float](repeating: .infinity, count: 12))
        let halves = try #require(Kernels.quantize(.f16, infinite, isa: .scalar))
        for isa in Kernels.instructionSets {
            var result: Float = .nan
            mmk_matmul_isa(isa, KernelType.f16.id, halves, 64, 1, 20, activations, 40, 1, &result, 1)
            #expect(result == 20)
        }
    }

    @Test func stridesLeaveTheRestAlone() throws {
        let operands = try Operands(.q40, Product(rows: 5, columns: 64, tokens: 7))
        var result = [Float](repeating: -1, count: 7 * 9)
        mmk_matmul(2, operands.weights, operands.rowBytes, 5, 64, operands.activations, 64, 7, &result, 9)
        let packed = operands.multiply(mmk_best_isa())
        for token in 0..<7 {
            #expect(Array(result[9 * token..<9 * token + 5]) == Array(packed[5 * token..<5 * token + 5]))
            #expect(result[9 * token + 5..<9 * token + 9].allSatisfy { $0 == -1 })
        }
    }

    @Test func dotUsesTheSameArithmetic() throws {
        let operands = try Operands(.f32, Product(rows: 1, columns: 333, tokens: 1))
        let values = try #require(Kernels.decode(.f32, operands.weights, isa: .scalar))
        #expect(mmk_dot_f32(values, operands.activations, 333) == operands.multiply(mmk_best_isa())[0])
    }
}
