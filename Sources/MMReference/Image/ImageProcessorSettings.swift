internal import MMBytes

/// The keys of an image processor's description, looked up in several objects: the first one that has a key other than
/// as null decides.
struct ImageProcessorSettings {
    let name: String
    let layers: [JSONValue]

    func value(_ key: String) -> JSONValue? {
        for layer in layers {
            if let value = layer[ByteString(key)], value != .null { return value }
        }
        return nil
    }

    func bool(_ key: String) throws(ImageProcessorError) -> Bool {
        guard let value = try required(key).bool else { throw error(.wrongType(key: key, expected: "true or false")) }
        return value
    }

    func integer(_ key: String, in range: ClosedRange<Int>) throws(ImageProcessorError) -> Int {
        try integer(try required(key), key, in: range)
    }

    func number(_ key: String) throws(ImageProcessorError) -> Double {
        try number(try required(key), key)
    }

    /// One number for each channel, or one for all.
    func channels(_ key: String) throws(ImageProcessorError) -> [3 of Double] {
        let value = try required(key)
        guard let elements = value.elements else {
            let number = try number(value, key)
            return [number, number, number]
        }
        guard elements.count == Picture.channelCount else {
            throw error(.wrongType(key: key, expected: "a number or three of them"))
        }
        return [try number(elements[0], key), try number(elements[1], key), try number(elements[2], key)]
    }

    /// A height and a width: an object of both, an array of both or a number for both.
    func extent(_ key: String) throws(ImageProcessorError) -> Extent {
        let value = try required(key)
        if let sides = value.elements {
            return try extent(sides, key)
        }
        if value.integer != nil { return Extent(side: try integer(value, key, in: Self.sides)) }
        guard let height = value["height"], let width = value["width"] else {
            throw error(.wrongType(key: key, expected: "a height and a width"))
        }
        return try extent([height, width], key)
    }

    /// An array of heights and widths.
    func extents(_ key: String) throws(ImageProcessorError) -> [Extent] {
        guard let elements = try required(key).elements, !elements.isEmpty, elements.count <= 1024 else {
            throw error(.wrongType(key: key, expected: "an array of 1 to 1024 sizes"))
        }
        var extents: [Extent] = []
        for element in elements { extents.append(try extent(element.elements ?? [], key)) }
        return extents
    }

    /// The members of a size that are numbers of pixels a side.
    func sides(_ key: String, _ names: String...) throws(ImageProcessorError) -> [Int]? {
        guard let value = value(key), value.members != nil else { return nil }
        var sides: [Int] = []
        for name in names {
            guard let side = value[ByteString(name)], side != .null else { return nil }
            sides.append(try integer(side, "\(key).\(name)", in: Self.sides))
        }
        return sides
    }

    static let sides = 1...PictureLimits.side

    func required(_ key: String) throws(ImageProcessorError) -> JSONValue {
        guard let value = value(key) else { throw error(.missing(key: key)) }
        return value
    }

    func integer(
        _ value: JSONValue,
        _ key: String,
        in range: ClosedRange<Int>
    ) throws(ImageProcessorError) -> Int {
        let number = try number(value, key)
        guard let integer = Int(exactly: number), range.contains(integer) else {
            let allowed = "a whole number from \(range.lowerBound) to \(range.upperBound)"
            throw error(.outOfRange(key: key, value: number, allowed: allowed))
        }
        return integer
    }

    private func number(_ value: JSONValue, _ key: String) throws(ImageProcessorError) -> Double {
        guard let number = value.double, number.isFinite else {
            throw error(.wrongType(key: key, expected: "a number"))
        }
        return number
    }

    private func extent(_ sides: [JSONValue], _ key: String) throws(ImageProcessorError) -> Extent {
        guard sides.count == 2 else { throw error(.wrongType(key: key, expected: "a height and a width")) }
        let height = try integer(sides[0], key, in: Self.sides)
        return Extent(width: try integer(sides[1], key, in: Self.sides), height: height)
    }

    func error(_ reason: ImageProcessorError.Reason) -> ImageProcessorError {
        ImageProcessorError(reason, name: name)
    }
}
