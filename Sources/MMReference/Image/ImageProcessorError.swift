package import MMBytes

/// An image processor that cannot be built from its description, or a picture that it cannot take.
package struct ImageProcessorError: DiagnosedError {
    package enum Reason: Sendable, Hashable {
        case notAnObject
        /// Neither `image_processor_type` nor anything that stands for it.
        case missingClass
        case unsupportedClass(ByteString)
        case wrongType(key: String, expected: String)
        case outOfRange(key: String, value: Double, allowed: String)
        case missing(key: String)
        case unsupportedValue(key: String, value: String, allowed: String)
        /// A picture that is more than 200 times as long as it is wide.
        case extremeAspect(Extent)
        /// A size that is not made of whole patches.
        case notWholePatches(Extent, side: Int)
        /// Tiles of different sizes, which no tensor holds.
        case unevenTiles(Extent, Extent)
        /// More pixels in all tiles together than a picture may have.
        case tooManyPixels(tileCount: Int, Extent)
    }

    package let reason: Reason
    /// The class of image processor, where it is known.
    package let name: String?

    @inline(never)
    init(_ reason: Reason, name: String? = nil) {
        self.reason = reason
        self.name = name
    }

    package var category: ErrorCategory { .badData }

    package var description: String { "image processor\(name.map { " \($0)" } ?? ""): \(text)" }

    private var text: String {
        switch reason {
        case .notAnObject: "the description is not a JSON object"
        case .missingClass: "the description has none of image_processor_type, feature_extractor_type, processor_class"
        case .unsupportedClass(let name):
            "\(name) is not supported; supported are \(ImageProcessorClass.names)"
        case .wrongType(let key, let expected): "\"\(key)\" is not \(expected)"
        case .outOfRange(let key, let value, let allowed): "\"\(key)\" is \(value); \(allowed) is allowed"
        case .missing(let key): "\"\(key)\" is missing"
        case .unsupportedValue(let key, let value, let allowed): "\"\(key)\" is \(value); \(allowed) is supported"
        case .extremeAspect(let extent): "a picture of \(extent) pixels; a side ratio of at most 200 is allowed"
        case .notWholePatches(let extent, let side):
            "a picture of \(extent) pixels is not made of whole squares of \(side) pixels"
        case .unevenTiles(let first, let other): "a tile of \(other) pixels beside one of \(first)"
        case .tooManyPixels(let tileCount, let extent):
            "\(tileCount) tiles of \(extent) pixels; at most \(PictureLimits.pixelCount) pixels are allowed"
        }
    }
}
