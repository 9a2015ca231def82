/// A picture that no model was trained on, and a question about it.
package struct SceneProbe: Sendable {
    package let scene: Scene
    package let question: SceneQuestion

    private static let base: UInt64 = 0x4D4D_315F_5052_4F42

    /// Probe `number` of the sequence that fixtures/mm1/README.md specifies: the kinds take turns, and the picture is the
    /// first of its candidates that the kind can be asked of. Nearly every second one is.
    package init(_ number: Int) {
        let kinds = SceneQuestion.Kind.allCases
        var random = SplitMix64(seed: Self.base &+ UInt64(number))
        while true {
            let scene = Scene(seed: random.next())
            guard let question = SceneQuestion(kinds[number % kinds.count], of: scene) else { continue }
            self.scene = scene
            self.question = question
            return
        }
    }
}
