internal import MMArchitectures

/// Which experts the tokens of a batch go through. Slot token * used + n is the n-th likeliest expert of a token; places
/// are the slots sorted by expert.
struct ExpertRouting: Sendable {
    /// Experts a token.
    let used: Int
    /// The weight of each slot's expert.
    let weights: [Float]
    /// The slot at each place.
    let order: [Int]
    /// The place of each slot.
    let places: [Int]
    /// Consecutive places of one expert.
    let runs: [(expert: Int, places: Range<Int>)]

    init(_ space: ExpertSpace, tokenCount: Int, _ configuration: DecoderConfiguration.Experts) {
        let (count, used) = (configuration.count, configuration.used)
        var experts: [Int] = []
        var weights: [Float] = []
        for token in 0..<tokenCount {
            let probabilities = space.probabilities.values(token * count..<(token + 1) * count)
            // Of equals the first, as a stable choice must be.
            var taken: [Int] = []
            for expert in 0..<count {
                let place = taken.firstIndex { probabilities[$0] < probabilities[expert] } ?? taken.count
                if place < used { taken.insert(expert, at: place) }
                if taken.count > used { taken.removeLast() }
            }
            let sum = configuration.isRenormalized ? taken.reduce(0) { $0 + probabilities[$1] } : 1
            for expert in taken {
                experts.append(expert)
                weights.append(sum == 0 ? 0 : probabilities[expert] / sum)
            }
        }
        let order = experts.indices.sorted { (experts[$0], $0) < (experts[$1], $1) }
        var places = [Int](repeating: 0, count: order.count)
        var runs: [(expert: Int, places: Range<Int>)] = []
        for (place, slot) in order.enumerated() {
            places[slot] = place
            if let last = runs.last, last.expert == experts[slot] {
                runs[runs.count - 1].places = last.places.lowerBound..<place + 1
            } else {
                runs.append((experts[slot], place..<place + 1))
            }
        }
        self.used = used
        self.weights = weights
        self.order = order
        self.places = places
        self.runs = runs
    }
}
