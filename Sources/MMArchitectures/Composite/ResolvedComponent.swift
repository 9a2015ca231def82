package import MMBytes

/// A part of a vision-language model as it was found.
package struct ResolvedComponent: Sendable, Hashable {
    package let component: Component
    package let architectureID: String
    package let knobs: Knobs

    package var json: JSONValue {
        ["architecture": .text(architectureID), "knobs": knobs.json, "origins": knobs.originsJSON]
    }
}
