/// A question about a `Scene` and its answer.
package struct SceneQuestion: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        case colour, shape, size, count
        case countByColour = "count-by-colour"
        case exists, `where`, caption
    }

    package let kind: Kind
    package let text: String
    package let answer: String

    /// The question of a kind that belongs to a scene; nil where the kind cannot be asked of it.
    package init?(_ kind: Kind, of scene: Scene) {
        self.kind = kind
        let objects = scene.objects
        var draw = Draw(random: SplitMix64(seed: scene.seed ^ 0x5155_4553_5449_4F4E))
        /// One of the objects that no other is like in this respect.
        func single<Respect: Equatable>(_ respect: (SceneObject) -> Respect) -> SceneObject? {
            let alone = objects.filter { object in objects.count { respect($0) == respect(object) } == 1 }
            return alone.isEmpty ? nil : draw.one(of: alone)
        }
        struct Look: Hashable {
            let shape: SceneObject.Shape
            let colour: SceneObject.Colour

            init(_ object: SceneObject) { self.init(object.shape, object.colour) }

            init(_ shape: SceneObject.Shape, _ colour: SceneObject.Colour) {
                self.shape = shape
                self.colour = colour
            }
        }
        switch kind {
        case .colour:
            guard let object = single(\.shape) else { return nil }
            (text, answer) = ("What colour is the \(object.shape.rawValue)?", object.colour.rawValue)
        case .shape:
            guard let object = single(\.colour) else { return nil }
            (text, answer) = ("What shape is the \(object.colour.rawValue) object?", object.shape.rawValue)
        case .size, .where:
            guard let object = single(Look.init) else { return nil }
            let name = "\(object.colour.rawValue) \(object.shape.rawValue)"
            (text, answer) =
                kind == .size
                ? ("What size is the \(name)?", object.size.rawValue) : ("Where is the \(name)?", object.position)
        case .count: (text, answer) = ("How many objects are there?", "\(objects.count)")
        case .countByColour:
            let colour =
                draw.below(2) == 0
                ? draw.one(of: objects).colour : SceneObject.Colour.allCases[draw.below(8)]
            text = "How many \(colour.rawValue) objects are there?"
            answer = "\(objects.count { $0.colour == colour })"
        case .exists:
            let present = Set(objects.map(Look.init))
            var look: Look
            if draw.below(2) == 0 {
                look = Look(draw.one(of: objects))
            } else {
                // Half of what is not there shares its colour or its shape with something that is.
                repeat {
                    let object = draw.one(of: objects)
                    let way = draw.below(4)
                    let shape = way == 0 ? object.shape : SceneObject.Shape.allCases[draw.below(5)]
                    let colour = way == 1 ? object.colour : SceneObject.Colour.allCases[draw.below(8)]
                    look = Look(shape, colour)
                } while present.contains(look)
            }
            text = "Is there a \(look.colour.rawValue) \(look.shape.rawValue)?"
            answer = present.contains(look) ? "yes" : "no"
        case .caption:
            text = "Describe the picture."
            answer = objects.map { "\($0.words) at the \($0.position)" }.joined(separator: ", ") + "."
        }
    }

    private struct Draw {
        var random: SplitMix64

        mutating func below(_ limit: Int) -> Int { Int(random.next() % UInt64(limit)) }

        mutating func one<Element>(of list: [Element]) -> Element { list[below(list.count)] }
    }
}
