/// Bracketed classes, escapes that stand for a set, and the folding of case.
extension PatternParser {
    enum ClassItem {
        case scalar(UInt32)
        case set(ScalarClass)
    }

    /// `[...]` or `[^...]`, with the opening bracket next.
    mutating func bracketed() throws(PatternError) -> ScalarClass {
        offset += 1
        var result = ScalarClass()
        if next == "^" {
            result.isNegated = true
            offset += 1
        }
        var isFirst = true
        while let scalar = next {
            if scalar == "]", !isFirst {
                offset += 1
                return result
            }
            isFirst = false
            result.formUnion(try classPart())
            guard result.ranges.count <= Self.rangeLimit else {
                throw malformed("a class of more than \(Self.rangeLimit) ranges")
            }
        }
        throw error(.unexpectedEnd(expected: "']'"))
    }

    /// One scalar, one range or one set between brackets.
    private mutating func classPart() throws(PatternError) -> ScalarClass {
        let start = offset
        switch try classItem() {
        case .set(let set):
            guard !isRangeHyphen else { throw malformed("a range that begins with a set") }
            return set
        case .scalar(let first):
            guard isRangeHyphen else { return try folded(first...first, at: start) }
            offset += 1
            guard case .scalar(let last) = try classItem() else { throw malformed("a range that ends with a set") }
            guard first <= last else { throw malformed("a range whose ends are reversed") }
            return try folded(first...last, at: start)
        }
    }

    /// A hyphen that does not stand last before the closing bracket.
    private var isRangeHyphen: Bool {
        next == "-" && offset + 1 < scalars.count && scalars[offset + 1] != "]"
    }

    private mutating func classItem() throws(PatternError) -> ClassItem {
        guard let scalar = next else { throw error(.unexpectedEnd(expected: "']'")) }
        switch scalar {
        case "\\": return try classEscape()
        case "[": throw unsupported("a class inside a class")
        case "&" where starts(with: "&&"): throw unsupported("an intersection of classes")
        default:
            offset += 1
            return .scalar(scalar.value)
        }
    }

    /// An escape that stands for a scalar or a set of scalars, with the backslash next.
    mutating func classEscape() throws(PatternError) -> ClassItem {
        guard offset + 1 < scalars.count else { throw error(.unexpectedEnd(expected: "an escape")) }
        let letter = scalars[offset + 1]
        if let control = Self.controlEscape(letter) {
            offset += 2
            return .scalar(control)
        }
        if let set = Self.setEscape(letter) {
            offset += 2
            return .set(set)
        }
        switch letter {
        case "p", "P": return .set(try property(isNegated: letter == "P"))
        case "x", "u": return .scalar(try hexadecimal(letter))
        case "0"..."9", "a"..."z", "A"..."Z": throw unsupported("the escape '\\\(letter)'")
        default:
            offset += 2
            return .scalar(letter.value)
        }
    }

    private static func controlEscape(_ letter: Unicode.Scalar) -> UInt32? {
        switch letter {
        case "n": 0x0A
        case "r": 0x0D
        case "t": 0x09
        case "v": 0x0B
        case "f": 0x0C
        case "a": 0x07
        case "e": 0x1B
        default: nil
        }
    }

    private static func setEscape(_ letter: Unicode.Scalar) -> ScalarClass? {
        let decimal: UInt32 = 1 << 8
        return switch letter {
        case "s": ScalarClass(traits: ScalarTraits.whitespace)
        case "S": ScalarClass(absentTraits: ScalarTraits.whitespace)
        case "d": ScalarClass(traits: decimal)
        case "D": ScalarClass(absentTraits: decimal)
        case "w": ScalarClass(traits: ScalarTraits.word)
        case "W": ScalarClass(absentTraits: ScalarTraits.word)
        default: nil
        }
    }

    /// `\p{Name}`, `\p{^Name}` or `\P{Name}`.
    private mutating func property(isNegated: Bool) throws(PatternError) -> ScalarClass {
        let start = offset
        offset += 2
        guard next == "{" else { throw malformed("'\\p' without '{'") }
        offset += 1
        var isNegated = isNegated
        if next == "^" {
            isNegated.toggle()
            offset += 1
        }
        let nameStart = offset
        while let scalar = next, scalar != "}" { offset += 1 }
        guard next == "}" else { throw error(.unexpectedEnd(expected: "'}'")) }
        let name = String(String.UnicodeScalarView(scalars[nameStart..<offset]))
        offset += 1
        guard let mask = ScalarTraits.mask(named: name) else {
            throw PatternError(.unknownProperty(name), offset: start, pattern: source)
        }
        if ignoresCase, mask & 0b111 != 0, mask & 0b111 != 0b111 {
            throw PatternError(.unsupported("\\p{\(name)} without regard to case"), offset: start, pattern: source)
        }
        // A scalar has exactly one category, so the complement of a set of categories is one again.
        return ScalarClass(traits: isNegated ? ~mask & (1 << 30 - 1) : mask)
    }

    /// `\xHH`, `\x{H...}` or `\uHHHH`.
    private mutating func hexadecimal(_ letter: Unicode.Scalar) throws(PatternError) -> UInt32 {
        let start = offset
        offset += 2
        let isBraced = letter == "x" && next == "{"
        if isBraced { offset += 1 }
        let digitLimit = isBraced ? 6 : letter == "x" ? 2 : 4
        var value: UInt32 = 0
        var digitCount = 0
        while digitCount < digitLimit, let digit = next.flatMap({ $0.isASCII ? Character($0).hexDigitValue : nil }) {
            value = value << 4 | UInt32(digit)
            digitCount += 1
            offset += 1
        }
        let isComplete = isBraced ? digitCount > 0 && next == "}" : digitCount == digitLimit
        guard isComplete, Unicode.Scalar(value) != nil else {
            throw PatternError(.malformed("a malformed hexadecimal escape"), offset: start, pattern: source)
        }
        if isBraced { offset += 1 }
        return value
    }

    /// The scalars of a range, and without regard to case also those that fold to the same letters.
    ///
    /// Only ASCII letters fold; U+017F and U+212A are the only scalars outside that fold to one (CaseFolding.txt).
    func folded(_ range: ClosedRange<UInt32>, at start: Int? = nil) throws(PatternError) -> ScalarClass {
        var result = ScalarClass()
        result.ranges = [range]
        guard ignoresCase else { return result }
        for value in range {
            switch value {
            case 0x41...0x5A, 0x61...0x7A:
                result.ranges.append(value ^ 0x20...value ^ 0x20)
                if value | 0x20 == 0x73 { result.ranges.append(0x17F...0x17F) }
                if value | 0x20 == 0x6B { result.ranges.append(0x212A...0x212A) }
            case 0..<0x80: continue
            default:
                guard ScalarTraits.bits(of: value) & 0b111 == 0 else {
                    let code = String(value, radix: 16, uppercase: true)
                    let reason = PatternError.Reason.unsupported("U+\(code) without regard to case")
                    throw PatternError(reason, offset: start ?? offset, pattern: source)
                }
            }
        }
        return result
    }
}
