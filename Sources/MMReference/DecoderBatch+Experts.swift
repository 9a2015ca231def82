internal import CKernels
internal import MMArchitectures
internal import MMStorage

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

extension DecoderBatch {
    /// residual += the mixture of the experts that the router takes for each token, and the shared one, or its norm.
    ///
    /// Tokens are gathered expert by expert, so that each matrix is read once a batch; the contributions to a token are
    /// added in the order of the experts that it took, so that the result depends on neither threads nor batches.
    func mixExperts(_ weights: ExpertWeights, norm: FloatBuffer?) {
        guard let configuration = configuration.experts, let expertSpace = space.experts else { return }
        route(weights, configuration, expertSpace)
        let routing = ExpertRouting(expertSpace, tokenCount: tokenCount, configuration)
        gather(routing, expertSpace)
        runExperts(weights, configuration, routing, expertSpace)
        combine(routing, expertSpace)
        if let shared = weights.shared { addShared(shared, gate: weights.sharedGate) }
        addDelta(norm: norm)
    }

    /// Probabilities of all experts, [token, count].
    private func route(
        _ weights: ExpertWeights,
        _ configuration: DecoderConfiguration.Experts,
        _ expertSpace: ExpertSpace
    ) {
        let count = configuration.count
        let parts = partCount(rows: count)
        team.run(parts: parts) { part in
            multiply(weights.router, count.share(part, of: parts), from: 0, into: expertSpace.probabilities)
        }
        for token in 0..<tokenCount {
            // [token, count].
            unsafe mmk_softmax(expertSpace.probabilities.pointer + token * count, count)
        }
    }

    /// The normed inputs in the order of the routing, [slot, width].
    private func gather(_ routing: ExpertRouting, _ expertSpace: ExpertSpace) {
        for (place, slot) in routing.order.enumerated() {
            let token = slot / routing.used
            // There are tokenCount * used places, as many as rows.
            unsafe (expertSpace.input.pointer + place * space.width).update(
                from: space.normed.pointer + token * space.width,
                count: space.width
            )
        }
    }

    private func runExperts(
        _ weights: ExpertWeights,
        _ configuration: DecoderConfiguration.Experts,
        _ routing: ExpertRouting,
        _ expertSpace: ExpertSpace
    ) {
        let active = routing.runs
        guard !active.isEmpty else { return }
        let width = configuration.width
        // Rows of one expert to a part, so that few experts keep many threads busy.
        let split = max(1, min(width / 16, team.threadCount * 4 / active.count))
        team.run(parts: active.count * split) { part in
            let run = active[part / split]
            let rows = width.share(part % split, of: split)
            let expert = weights.experts[run.expert]
            for (matrix, output) in [(expert.gate, expertSpace.gate), (expert.up, expertSpace.up)] {
                // The run's places are rows of input and output.
                unsafe matrix.multiply(
                    rows: rows,
                    input: expertSpace.input.pointer + run.places.lowerBound * space.width,
                    inputStride: space.width,
                    tokenCount: run.places.count,
                    output: output.pointer + run.places.lowerBound * width,
                    outputStride: width
                )
            }
            for place in run.places {
                let offset = place * width + rows.lowerBound
                unsafe activate(expertSpace.gate.pointer + offset, expertSpace.up.pointer + offset, rows.count)
            }
        }
        let downSplit = max(1, min(space.width / 16, team.threadCount * 4 / active.count))
        team.run(parts: active.count * downSplit) { part in
            let run = active[part / downSplit]
            // As above; the output is [place, width].
            unsafe weights.experts[run.expert].down.multiply(
                rows: space.width.share(part % downSplit, of: downSplit),
                input: expertSpace.gate.pointer + run.places.lowerBound * width,
                inputStride: width,
                tokenCount: run.places.count,
                output: expertSpace.output.pointer + run.places.lowerBound * space.width,
                outputStride: space.width
            )
        }
    }

    /// delta = the weighted sum of each token's experts.
    private func combine(_ routing: ExpertRouting, _ expertSpace: ExpertSpace) {
        unsafe space.delta.pointer.update(repeating: 0, count: tokenCount * space.width)
        for slot in 0..<tokenCount * routing.used {
            let place = routing.places[slot]
            // A place is a row of output, a slot belongs to a token of the batch.
            unsafe mmk_axpy(
                routing.weights[slot],
                expertSpace.output.pointer + place * space.width,
                space.width,
                space.delta.pointer + slot / routing.used * space.width
            )
        }
    }

    /// delta += the shared expert of every token, times its gate where there is one.
    private func addShared(_ shared: GatedWeights, gate sharedGate: WeightMatrix?) {
        gate(shared)
        let parts = partCount(rows: space.width)
        team.run(parts: parts) { part in
            // The output is [token, width].
            unsafe shared.down.multiply(
                rows: space.width.share(part, of: parts),
                input: space.gate.pointer,
                inputStride: shared.innerWidth,
                tokenCount: tokenCount,
                output: space.shared.pointer,
                outputStride: space.width
            )
        }
        for token in 0..<tokenCount {
            var factor: Float = 1
            if let sharedGate {
                var logit: Float = 0
                // One row, one token: one element.
                unsafe sharedGate.multiply(
                    rows: 0..<1,
                    input: space.normed.pointer + token * space.width,
                    inputStride: space.width,
                    tokenCount: 1,
                    output: &logit,
                    outputStride: 1
                )
                factor = 1 / (1 + exp(-logit))
            }
            let offset = token * space.width
            unsafe mmk_axpy(factor, space.shared.pointer + offset, space.width, space.delta.pointer + offset)
        }
    }
}
