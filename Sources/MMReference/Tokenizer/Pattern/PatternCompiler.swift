import MMBytes

/// Turns the tree of a split pattern into instructions. Counted repetitions of groups are unrolled.
struct PatternCompiler {
    static let instructionLimit = 20_000

    private let source: ByteString
    private var program = PatternProgram()
    private var classIndices: [ScalarClass: Int32] = [:]

    private init(_ source: ByteString) {
        self.source = source
    }

    static func compile(_ source: ByteString) throws(PatternError) -> PatternProgram {
        var parser = try PatternParser(source)
        let node = try parser.pattern()
        var compiler = PatternCompiler(source)
        try compiler.emit(node)
        try compiler.append(.init(operation: .match))
        compiler.program.leadingSet = node.matchesEmpty ? nil : compiler.leadingSet(of: node)
        compiler.settleLastRuns()
        return compiler.program
    }

    private mutating func emit(_ node: PatternNode) throws(PatternError) {
        switch node {
        case .one(let set): try append(.init(operation: .one, a: index(of: set)))
        case .sequence(let nodes): for node in nodes { try emit(node) }
        case .alternation(let nodes): try emitAlternation(nodes)
        case .repetition(.one(let set), let repetition) where repetition.mode != .lazy:
            try emitRun(set, repetition)
        case .repetition(let node, let repetition):
            if repetition.mode == .possessive {
                try emitFence(.atomic, around: .repetition(node, .init(repetition, mode: .greedy)))
            } else {
                try emitLoop(node, repetition)
            }
        case .group(let node, let fence): try emitFence(fence, around: node)
        case .assertion(let assertion): try append(.init(operation: .assertion, a: assertion.rawValue))
        }
    }

    private mutating func emitAlternation(_ nodes: [PatternNode]) throws(PatternError) {
        var jumps: [Int] = []
        for (position, node) in nodes.enumerated() {
            guard position < nodes.count - 1 else {
                try emit(node)
                break
            }
            let branch = try emitBranch(before: node)
            try emit(node)
            jumps.append(program.instructions.count)
            try append(.init(operation: .jump))
            program.instructions[branch].a = nextIndex
        }
        for jump in jumps { program.instructions[jump].a = nextIndex }
    }

    private mutating func emitRun(
        _ set: ScalarClass,
        _ repetition: PatternNode.Repetition
    ) throws(PatternError) {
        let operation: PatternProgram.Operation = repetition.mode == .possessive ? .possessiveRun : .run
        let maximum = repetition.maximum.map(Int32.init) ?? -1
        try append(
            .init(operation: operation, a: index(of: set), b: Int32(repetition.minimum), c: maximum)
        )
    }

    private mutating func emitLoop(
        _ node: PatternNode,
        _ repetition: PatternNode.Repetition
    ) throws(PatternError) {
        for _ in 0..<repetition.minimum { try emit(node) }
        let isLazy = repetition.mode == .lazy
        guard let maximum = repetition.maximum else {
            let start = nextIndex
            let exit = try isLazy ? emitLazyExit() : emitBranch(before: node)
            try emit(node)
            try append(.init(operation: .jump, a: start))
            program.instructions[exit].a = nextIndex
            return
        }
        var exits: [Int] = []
        for _ in repetition.minimum..<maximum {
            exits.append(try isLazy ? emitLazyExit() : emitBranch(before: node))
            try emit(node)
        }
        for exit in exits { program.instructions[exit].a = nextIndex }
    }

    /// Leaves the loop first and enters the body only when that fails.
    private mutating func emitLazyExit() throws(PatternError) -> Int {
        let position = program.instructions.count
        try append(.init(operation: .branchAway))
        return position
    }

    private mutating func emitBranch(before node: PatternNode) throws(PatternError) -> Int {
        let position = program.instructions.count
        var leading: Int32 = -1
        if !node.matchesEmpty {
            leading = Int32(program.leadingSets.count)
            program.leadingSets.append(leadingSet(of: node))
        }
        try append(.init(operation: .branch, b: leading))
        return position
    }

    private mutating func emitFence(
        _ fence: PatternNode.Fence,
        around node: PatternNode
    ) throws(PatternError) {
        let position = program.instructions.count
        try append(.init(operation: .fence, b: fence.rawValue))
        try emit(node)
        try append(.init(operation: .closeFence))
        program.instructions[position].a = nextIndex
    }

    /// A run that ends the pattern never has to give anything back.
    private mutating func settleLastRuns() {
        for position in program.instructions.indices where program.instructions[position].operation == .run {
            var after = position + 1
            while program.instructions[after].operation == .jump, Int(program.instructions[after].a) > after {
                after = Int(program.instructions[after].a)
            }
            if program.instructions[after].operation == .match {
                program.instructions[position].operation = .possessiveRun
            }
        }
    }

    private var nextIndex: Int32 { Int32(program.instructions.count) }

    private mutating func append(_ instruction: PatternProgram.Instruction) throws(PatternError) {
        guard program.instructions.count < Self.instructionLimit else {
            let reason = PatternError.Reason.tooLarge(allowed: Self.instructionLimit)
            throw PatternError(reason, offset: 0, pattern: source)
        }
        program.instructions.append(instruction)
    }
}

// MARK: Classes

extension PatternCompiler {
    private mutating func index(of set: ScalarClass) -> Int32 {
        if let known = classIndices[set] { return known }
        let ascii = set.asciiMembers
        let start = Int32(program.rangeBounds.count)
        for range in set.mergedRanges where range.upperBound >= 0x80 {
            program.rangeBounds.append(range.lowerBound)
            program.rangeBounds.append(range.upperBound)
        }
        let index = Int32(program.classes.count)
        program.classes.append(
            PatternProgram.CompiledClass(
                asciiLow: ascii.low,
                asciiHigh: ascii.high,
                traits: set.traits,
                absentTraits: set.absentTraits,
                boundsStart: start,
                boundsEnd: Int32(program.rangeBounds.count),
                isNegated: set.isNegated
            )
        )
        classIndices[set] = index
        return index
    }

    /// What a match of `node` that consumes something can begin with.
    private mutating func leadingSet(of node: PatternNode) -> PatternProgram.LeadingSet {
        var result = PatternProgram.LeadingSet()
        switch node {
        case .one(let set):
            let known = program.classes[Int(index(of: set))]
            let hasOthers =
                known.isNegated || known.traits != 0 || known.absentTraits != 0 || known.boundsEnd > known.boundsStart
            return .init(asciiLow: known.asciiLow, asciiHigh: known.asciiHigh, hasOthers: hasOthers)
        case .sequence(let nodes):
            for node in nodes {
                result.formUnion(leadingSet(of: node))
                if !node.matchesEmpty { break }
            }
        case .alternation(let nodes):
            for node in nodes { result.formUnion(leadingSet(of: node)) }
        case .repetition(let node, _), .group(let node, .atomic):
            return leadingSet(of: node)
        case .group, .assertion: break
        }
        return result
    }
}

extension PatternNode.Repetition {
    fileprivate init(_ other: Self, mode: Mode) {
        self.init(minimum: other.minimum, maximum: other.maximum, mode: mode)
    }
}
