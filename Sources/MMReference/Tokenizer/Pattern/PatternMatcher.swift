import MMBytes

/// Runs a split pattern over one text by backtracking, without recursion and within a budget of steps.
///
/// The text is valid UTF-8. Steps and stack are bounded in proportion to the text, so that no pattern and no text
/// together can hang or exhaust memory.
struct PatternMatcher: ~Escapable, ~Copyable {
    /// Backtracking points allowed at one time: a constant for short texts, and this many a byte.
    static let framesPerByte = 4
    static let leastFrameLimit = 65_536

    private struct Frame {
        enum Kind {
            case branch
            case run
            case atomic
            case lookahead
            case negativeLookahead
        }

        var kind: Kind
        /// The instruction to go on with.
        var instruction: Int32
        /// Where in the text.
        var position: Int
        /// A run's least end; a fence's enclosing fence.
        var limit: Int
    }

    private let text: Span<UInt8>
    private let instructions: Span<PatternProgram.Instruction>
    private let classes: Span<PatternProgram.CompiledClass>
    private let rangeBounds: Span<UInt32>
    private let leadingSets: Span<PatternProgram.LeadingSet>
    private let leadingSet: PatternProgram.LeadingSet?
    private let source: ByteString
    private let stepLimit: Int
    private let textByteCount: Int
    private let frameLimit: Int

    private var frames: [Frame] = []
    /// The index of the innermost open fence's frame, or -1.
    private var fence = -1
    /// Steps taken, of `stepLimit`.
    private(set) var stepCount: Int
    /// The instruction that runs next.
    private var index = 0
    private var position = 0

    /// `budget` is shared by the matchers of all pieces of one text.
    @_lifetime(borrow program, copy text)
    init(program: borrowing PatternProgram, source: ByteString, text: Span<UInt8>, budget: PatternBudget) {
        self.text = text
        instructions = program.instructions.span
        classes = program.classes.span
        rangeBounds = program.rangeBounds.span
        leadingSets = program.leadingSets.span
        leadingSet = program.leadingSet
        self.source = source
        stepCount = budget.stepCount
        stepLimit = budget.stepLimit
        textByteCount = budget.textByteCount
        frameLimit = max(Self.leastFrameLimit, text.count.multiplied(by: Self.framesPerByte) ?? .max)
    }

    /// Appends the matches, leftmost first and without overlap, as ranges moved by `base`.
    ///
    /// An empty match right behind the match before it is not counted.
    @_lifetime(self: copy self)
    mutating func appendMatches(base: Int, to matches: inout [Range<Int>]) throws(PatternError) {
        var start = 0
        var lastEnd = -1
        while start <= text.count {
            if let leadingSet {
                while start < text.count, !leadingSet.mayBegin(withByte: text[start]) { start += 1 }
                guard start < text.count else { return }
            }
            guard try isMatch(at: start), position > start || position != lastEnd else {
                start = text.positionAfterScalar(at: start)
                continue
            }
            matches.append(base + start..<base + position)
            lastEnd = position
            start = position
        }
    }

    /// Whether the pattern matches at `start`; `position` is then the match's end.
    @_lifetime(self: copy self)
    private mutating func isMatch(at start: Int) throws(PatternError) -> Bool {
        index = 0
        position = start
        frames.removeAll(keepingCapacity: true)
        fence = -1
        while true {
            stepCount += 1
            guard stepCount <= stepLimit, frames.count <= frameLimit else { throw tooManySteps(start) }
            let instruction = instructions[index]
            if instruction.operation == .match { return true }
            if !runs(instruction), !backtracks() { return false }
        }
    }

    /// Runs one instruction; false when it fails.
    @_lifetime(self: copy self)
    private mutating func runs(_ instruction: PatternProgram.Instruction) -> Bool {
        index += 1
        switch instruction.operation {
        case .one:
            let after = step(instruction.a, at: position)
            guard after > position else { return false }
            position = after
        case .run, .possessiveRun: return runs(repeating: instruction)
        case .jump: index = Int(instruction.a)
        case .branch:
            if canBegin(instruction.b) {
                push(.branch, instruction.a, position, 0)
            } else {
                index = Int(instruction.a)
            }
        case .branchAway:
            push(.branch, Int32(index), position, 0)
            index = Int(instruction.a)
        case .fence: openFence(instruction)
        case .closeFence: return closesFence()
        case .assertion: return holds(instruction.a)
        case .match: break
        }
        return true
    }

    @inline(never)
    private func tooManySteps(_ offset: Int) -> PatternError {
        PatternError(.tooManySteps(byteCount: textByteCount, allowed: stepLimit), offset: offset, pattern: source)
    }
}

// MARK: Backtracking

extension PatternMatcher {
    @_lifetime(self: copy self)
    private mutating func push(_ kind: Frame.Kind, _ instruction: Int32, _ position: Int, _ limit: Int) {
        frames.append(Frame(kind: kind, instruction: instruction, position: position, limit: limit))
    }

    /// Returns to the last point where there was another way; false when there is none.
    @_lifetime(self: copy self)
    private mutating func backtracks() -> Bool {
        while let frame = frames.popLast() {
            index = Int(frame.instruction)
            position = frame.position
            switch frame.kind {
            case .branch: return true
            case .run:
                position = text.positionBeforeScalar(at: position)
                if position > frame.limit { push(.run, frame.instruction, position, frame.limit) }
                return true
            case .atomic, .lookahead: fence = frame.limit
            case .negativeLookahead:
                fence = frame.limit
                return true
            }
        }
        return false
    }

    @_lifetime(self: copy self)
    private mutating func openFence(_ instruction: PatternProgram.Instruction) {
        let kind: Frame.Kind =
            switch PatternNode.Fence(rawValue: instruction.b) {
            case .lookahead: .lookahead
            case .negativeLookahead: .negativeLookahead
            case .atomic, nil: .atomic
            }
        push(kind, instruction.a, position, fence)
        fence = frames.count - 1
    }

    /// The inside of the innermost fence has matched: forgets the other ways inside it. False when that is a failure.
    @_lifetime(self: copy self)
    private mutating func closesFence() -> Bool {
        let frame = frames[fence]
        frames.removeSubrange(fence...)
        fence = frame.limit
        index = Int(frame.instruction)
        switch frame.kind {
        case .lookahead: position = frame.position
        case .negativeLookahead: return false
        default: break
        }
        return true
    }
}

// MARK: Scalars

extension PatternMatcher {
    /// The position behind the scalar at `position` if it is in the class, else `position`.
    private func step(_ classIndex: Int32, at position: Int) -> Int {
        guard position < text.count else { return position }
        let byte = text[position]
        let index = Int(classIndex)
        if byte < 64 { return position + Int(classes[index].asciiLow >> UInt64(byte) & 1) }
        if byte < 128 { return position + Int(classes[index].asciiHigh >> UInt64(byte - 64) & 1) }
        let (scalar, length) = text.scalar(at: position)
        return contains(scalar, classes[index]) ? position + length : position
    }

    private func contains(_ scalar: UInt32, _ set: PatternProgram.CompiledClass) -> Bool {
        if set.traits | set.absentTraits != 0 {
            let bits = ScalarTraits.bits(of: scalar)
            if bits & set.traits != 0 || ~bits & set.absentTraits != 0 { return !set.isNegated }
        }
        return isInRange(scalar, set) != set.isNegated
    }

    private func isInRange(_ scalar: UInt32, _ set: PatternProgram.CompiledClass) -> Bool {
        var low = Int(set.boundsStart) / 2
        var high = Int(set.boundsEnd) / 2
        while low < high {
            let middle = (low + high) / 2
            if scalar > rangeBounds[2 * middle + 1] {
                low = middle + 1
            } else if scalar < rangeBounds[2 * middle] {
                high = middle
            } else {
                return true
            }
        }
        return false
    }

    @_lifetime(self: copy self)
    private mutating func runs(repeating instruction: PatternProgram.Instruction) -> Bool {
        let minimum = Int(instruction.b)
        let maximum = instruction.c < 0 ? Int.max : Int(instruction.c)
        var count = 0
        var leastEnd = position
        while count < maximum {
            let after = step(instruction.a, at: position)
            guard after > position else { break }
            position = after
            count += 1
            if count == minimum { leastEnd = after }
        }
        stepCount += count
        guard count >= minimum else { return false }
        if instruction.operation == .run, position > leastEnd { push(.run, Int32(index), position, leastEnd) }
        return true
    }

    private func canBegin(_ leadingSet: Int32) -> Bool {
        guard leadingSet >= 0 else { return true }
        return position < text.count && leadingSets[Int(leadingSet)].mayBegin(withByte: text[position])
    }

    private func holds(_ assertion: Int32) -> Bool {
        let isAtEnd = position == text.count
        return switch PatternNode.Assertion(rawValue: assertion) {
        case .lineStart: position == 0 || text[position - 1] == 0x0A && !isAtEnd
        case .lineEnd: isAtEnd || text[position] == 0x0A
        case .textStart: position == 0
        case .textEnd: isAtEnd
        case .lastLineEnd: isAtEnd || position == text.count - 1 && text[position] == 0x0A
        case .wordBoundary: isWord(before: position) != isWord(after: position)
        case .noWordBoundary: isWord(before: position) == isWord(after: position)
        case nil: false
        }
    }

    private func isWord(before position: Int) -> Bool {
        position > 0 && isWord(after: text.positionBeforeScalar(at: position))
    }

    private func isWord(after position: Int) -> Bool {
        guard position < text.count else { return false }
        let scalar = text.scalar(at: position).value
        return ScalarTraits.bits(of: scalar) & ScalarTraits.word != 0
            || ScalarTraits.latinNumbers.contains { $0.contains(scalar) }
    }
}
