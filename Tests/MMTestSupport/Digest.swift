/// SHA-256 as FIPS 180-4 states it, for comparing with goldens: plain, slow, and no part of what it tests.
public enum Digest {
    /// The digest in hexadecimal.
    public static func sha256(_ bytes: [UInt8]) -> String {
        var state = initial
        var message = bytes
        message.append(0x80)
        while message.count % 64 != 56 { message.append(0) }
        let bitCount = UInt64(bytes.count) * 8
        message += (0..<8).map { UInt8(truncatingIfNeeded: bitCount >> UInt64(56 - 8 * $0)) }
        for start in stride(from: 0, to: message.count, by: 64) { compress(message[start..<start + 64], into: &state) }
        return state.map { word in
            let digits = String(word, radix: 16)
            return String(repeating: "0", count: 8 - digits.count) + digits
        }.joined()
    }

    private static func compress(_ block: ArraySlice<UInt8>, into state: inout [UInt32]) {
        var words = [UInt32](repeating: 0, count: 64)
        for (index, byte) in block.enumerated() { words[index / 4] = words[index / 4] << 8 | UInt32(byte) }
        for index in 16..<64 {
            let early = words[index - 15]
            let late = words[index - 2]
            let sigma0 = rotated(early, 7) ^ rotated(early, 18) ^ early >> 3
            let sigma1 = rotated(late, 17) ^ rotated(late, 19) ^ late >> 10
            words[index] = words[index - 16] &+ sigma0 &+ words[index - 7] &+ sigma1
        }
        var v = state
        for index in 0..<64 {
            let sum1 = rotated(v[4], 6) ^ rotated(v[4], 11) ^ rotated(v[4], 25)
            let choice = (v[4] & v[5]) ^ (~v[4] & v[6])
            let first = v[7] &+ sum1 &+ choice &+ constants[index] &+ words[index]
            let sum0 = rotated(v[0], 2) ^ rotated(v[0], 13) ^ rotated(v[0], 22)
            let majority = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2])
            v = [first &+ sum0 &+ majority, v[0], v[1], v[2], v[3] &+ first, v[4], v[5], v[6]]
        }
        for index in 0..<8 { state[index] = state[index] &+ v[index] }
    }

    private static func rotated(_ value: UInt32, _ count: UInt32) -> UInt32 { value >> count | value << (32 - count) }

    private static let primes = (2...311).filter { number in (2..<number).allSatisfy { number % $0 != 0 } }

    /// The first 32 bits of the fractions of the square roots of the first eight primes.
    private static let initial = primes.prefix(8).map { prime in
        UInt32(truncatingIfNeeded: UInt64((Double(prime).squareRoot() * 4_294_967_296).rounded(.down)))
    }

    /// The first 32 bits of the fractions of the cube roots of the first 64 primes.
    private static let constants = primes.prefix(64).map { prime in
        // Newton's method in fixed point: the largest root with root^3 <= prime * 2^96 is found bit by bit.
        var root: UInt64 = 0
        for bit in (0..<36).reversed() {
            let candidate = root | 1 << UInt64(bit)
            let (high, low) = candidate.multipliedFullWidth(by: candidate)
            if isAtMost(cubeOf: candidate, square: (high, low), prime: UInt64(prime)) { root = candidate }
        }
        return UInt32(truncatingIfNeeded: root)
    }

    /// Whether `candidate` cubed is at most `prime` * 2^96.
    private static func isAtMost(cubeOf candidate: UInt64, square: (UInt64, UInt64), prime: UInt64) -> Bool {
        let (lowHigh, lowLow) = square.1.multipliedFullWidth(by: candidate)
        let (sum, carry) = (square.0 &* candidate).addingReportingOverflow(lowHigh)
        guard !carry else { return false }
        // The cube is sum * 2^64 + lowLow; the bound is prime * 2^32 * 2^64.
        return sum < prime << 32 || (sum == prime << 32 && lowLow == 0)
    }
}
