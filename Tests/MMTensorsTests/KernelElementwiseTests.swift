import CKernels
import Foundation
import Testing

@Suite struct KernelElementwiseTests {
    static let lengths = [1, 7, 16, 33, 576]

    @Test(arguments: lengths)
    func rmsNormFollowsItsFormula(_ n: Int) {
        let x = Kernels.values(n, seed: 1, scale: 3)
        let weight = Kernels.values(n, seed: 2)
        var y = [Float](repeating: .nan, count: n)
        mmk_rms_norm(x, weight, 1, 1e-5, n, &y)
        let mean = x.reduce(0) { $0 + Double($1) * Double($1) } / Double(n)
        for index in 0..<n {
            let expected = Double(x[index]) / (mean + 1e-5).squareRoot() * (Double(weight[index]) + 1)
            #expect(abs(Double(y[index]) - expected) <= 3e-7 * abs(expected) + 1e-12)
        }
    }

    @Test(arguments: lengths)
    func layerNormFollowsItsFormula(_ n: Int) {
        let x = Kernels.values(n, seed: 1, scale: 3).map { $0 + 2 }
        let weight = Kernels.values(n, seed: 2)
        let bias = Kernels.values(n, seed: 3)
        var y = [Float](repeating: .nan, count: n)
        mmk_layer_norm(x, weight, bias, 1e-5, n, &y)
        let mean = x.reduce(0) { $0 + Double($1) } / Double(n)
        let variance = x.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / Double(n)
        for index in 0..<n {
            let expected =
                (Double(x[index]) - mean) / (variance + 1e-5).squareRoot() * Double(weight[index]) + Double(bias[index])
            #expect(abs(Double(y[index]) - expected) <= 1e-5)
        }
    }

    @Test(arguments: lengths)
    func softmaxAndItsNormaliserFollowTheirFormulas(_ n: Int) {
        var x = Kernels.values(n, seed: 4, scale: 20)
        if n > 7 { x[3] = -.infinity }
        let top = Double(x.max() ?? 0)
        let differences = x.map { Double($0) - top }
        let exponentials = differences.map { exp($0) }
        let sum = exponentials.reduce(0, +)
        #expect(abs(mmk_log_sum_exp(x, n) - (top + log(sum))) < 1e-6)
        mmk_softmax(&x, n)
        for ((value, exponential), difference) in zip(zip(x, exponentials), differences) {
            // The difference from the maximum is itself rounded to f32.
            let tolerance = difference > -200 ? 4e-7 - difference * 0x1p-24 : 0
            #expect(abs(Double(value) - exponential / sum) <= tolerance * exponential / sum + 1e-37)
        }
    }

    @Test func softmaxOfNothingAndOfNoMassIsDefined() {
        #expect(mmk_log_sum_exp([0], 0) == -.infinity)
        var masked = [Float](repeating: -.infinity, count: 20)
        mmk_softmax(&masked, 20)
        #expect(masked.allSatisfy { $0 == 0 })
    }

    @Test func activationsFollowTheirFormulas() {
        let x: [Float] = Kernels.values(500, seed: 5, scale: 6) + [0, -0.0, 88, -88, 200, -200, 1e30, -1e30]
        let one = [Float](repeating: 1, count: x.count)
        let sigmoid = { (v: Double) in 1 / (1 + exp(-v)) }
        check(x, { mmk_silu(&$0, $0.count) }, { $0 * sigmoid($0) })
        check(x, { mmk_quick_gelu(&$0, $0.count) }, { $0 * sigmoid(1.702 * $0) })
        check(x, { mmk_gelu_erf(&$0, $0.count) }, { $0 / 2 * erfc(-$0 / 2.0.squareRoot()) })
        let tanhForm = { (v: Double) in v * sigmoid(2 * (2 / Double.pi).squareRoot() * (v + 0.044715 * v * v * v)) }
        check(x, { mmk_gelu_tanh(&$0, $0.count) }, tanhForm)
        check(x, { mmk_silu_mul($0, one, $0.count, &$0) }, { $0 * sigmoid($0) })
        check(x, { mmk_gelu_tanh_mul($0, one, $0.count, &$0) }, tanhForm)
    }

    private func check(_ x: [Float], _ kernel: (inout [Float]) -> Void, _ formula: (Double) -> Double) {
        var y = x
        kernel(&y)
        for (value, result) in zip(x, y) {
            let expected = formula(Double(value))
            #expect(abs(Double(result) - expected) <= 2e-6 * abs(expected) + 3e-7 * min(1, abs(Double(value))))
        }
    }

    @Test func sumsAndScalesAreExact() {
        let x = Kernels.values(101, seed: 6)
        let y = Kernels.values(101, seed: 7)
        var sum = x
        mmk_add(&sum, y, 101)
        #expect(sum == zip(x, y).map { $0 + $1 })
        var scaled = x
        mmk_scale(&scaled, 0.3, 101)
        #expect(scaled == x.map { $0 * 0.3 })
        var line = y
        mmk_axpy(0.7, x, 101, &line)
        for index in 0..<101 { #expect(abs(line[index] - (0.7 * x[index] + y[index])) < 1e-6) }
    }

    @Test(arguments: [1, 16, 100, 1000])
    func errorSumsAddUp(_ n: Int) {
        let a = Kernels.values(n, seed: 8)
        var b = a
        b[n / 2] += 0.5
        if n > 1 { b[0] = -b[0] }
        var sums = KernelErrorSums()
        mmk_error_stats(a, b, n, &sums)
        mmk_error_stats(a, b, n, &sums)
        let squared = zip(a, b).reduce(0.0) { $0 + pow(Double($1.0) - Double($1.1), 2) }
        #expect(abs(sums.squared_difference - 2 * squared) <= 1e-12 * squared)
        #expect(abs(sums.product - 2 * zip(a, b).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }) < 1e-9)
        #expect(abs(sums.squared_a - 2 * a.reduce(0.0) { $0 + Double($1) * Double($1) }) < 1e-9)
        #expect(abs(sums.squared_b - 2 * b.reduce(0.0) { $0 + Double($1) * Double($1) }) < 1e-9)
        #expect(sums.max_difference == zip(a, b).map { abs(Double($0) - Double($1)) }.max())
        #expect(sums.unequal == (n > 1 ? 4 : 2))
        #expect(sums.count == UInt64(2 * n))
    }
}
