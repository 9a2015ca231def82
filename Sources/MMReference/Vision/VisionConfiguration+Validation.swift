internal import MMArchitectures

extension VisionConfiguration {
    /// Throws `VisionError` for numbers that do not go together.
    func validate() throws(VisionError) {
        func check(_ knob: String, _ value: Int, _ isPossible: Bool = true) throws(VisionError) {
            // Far above any tower, and low enough that products of three fit.
            guard value > 0, value <= 1 << 20, isPossible else {
                throw VisionError(.impossibleConfiguration(knob, value))
            }
        }
        try check("model width", modelWidth)
        try check("number of layers", layerCount)
        try check("number of heads", headCount, modelWidth.isMultiple(of: max(headCount, 1)))
        try check("feed-forward width", feedForwardWidth)
        try check("patch side", patch.side, patch.side <= 1 << 10)
        try check("frames of a patch", patch.frameCount, patch.frameCount <= 1 << 8)
        try check("channels", patch.channelCount, patch.channelCount <= 1 << 8)
        try check("block side", mergeSide)
        if rotaryTheta != nil { try check("width of a head", headWidth, headWidth.isMultiple(of: 4)) }
        if let window { try check("window side", window.side, window.side.isMultiple(of: mergeSide)) }
        switch position {
        case .none: break
        case .learned(let side, _): try check("side of the positions", side, side <= 1 << 14)
        case .sinusoidal: try check("model width", modelWidth, modelWidth.isMultiple(of: 4))
        }
        if postNorm == .classToken, !hasClassToken { throw VisionError(.impossibleConfiguration("class tokens", 0)) }
    }
}
