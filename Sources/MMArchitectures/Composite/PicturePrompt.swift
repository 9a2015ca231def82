internal import MMBytes

/// How a family writes pictures into a prompt; made after `replace_image_token` of its processor in transformers.
package struct PicturePrompt: Sendable, Hashable {
    /// Of a picture in tiles, with the whole picture behind them.
    package struct Tiles: Sendable, Hashable {
        /// Before the tokens of a tile, `{row}` and `{column}` being where it lies, from 1 on.
        package var cell: String
        /// Behind a row of tiles.
        package var rowEnd: String
        /// Behind all of them.
        package var end: String
    }

    /// Of a picture that is shown whole and then in crops, each like a picture of its own (Gemma 3).
    package struct Crops: Sendable, Hashable {
        /// Before the whole picture.
        package var begin: String
        /// Between the whole picture and its crops.
        package var between: String
        /// Between two crops.
        package var separator: String
    }

    /// What a prompt has in the place of a picture.
    package var marker: String
    /// What goes before a prompt without markers, for each picture; holds the marker.
    package var unmarked: String
    /// Stands for one token of a picture.
    package var token: String
    /// Before and behind the tokens of a picture.
    package var begin: String
    package var end: String
    /// Nil for a family whose tiles follow one another like one picture.
    package var tiles: Tiles?
    /// Nil for a family that makes none.
    package var crops: Crops?
    /// What a prompt has in the place of a film, for families that take films; mmpack does not.
    package var film: String?
    /// Behind the last picture, and behind the prompt.
    package var textBegin: String
    package var textEnd: String
    /// Whether the tokenizer puts its own tokens around the prompt.
    package var addsSpecialTokens: Bool
}

extension PicturePrompt {
    init(_ value: JSONValue, place: String) throws(DescriptionError) {
        var object = try StrictObject(value, place: place)
        marker = try object.string("marker")
        guard !marker.isEmpty else { throw DescriptionError(.wrongType(expected: "a text"), place: "\(place).marker") }
        token = try object.string("token")
        unmarked = try object.stringIfPresent("unmarked") ?? marker
        begin = try object.stringIfPresent("begin") ?? ""
        end = try object.stringIfPresent("end") ?? ""
        textBegin = try object.stringIfPresent("text_begin") ?? ""
        textEnd = try object.stringIfPresent("text_end") ?? ""
        addsSpecialTokens = object.takeIfPresent("special_tokens") != .bool(false)
        tiles = nil
        if let value = object.takeIfPresent("tiles") {
            var parts = try StrictObject(value, place: "\(place).tiles")
            tiles = Tiles(
                cell: try parts.string("cell"),
                rowEnd: try parts.string("row_end"),
                end: try parts.string("end")
            )
            try parts.finish()
        }
        crops = nil
        if let value = object.takeIfPresent("crops") {
            var parts = try StrictObject(value, place: "\(place).crops")
            crops = Crops(
                begin: try parts.string("begin"),
                between: try parts.string("between"),
                separator: try parts.string("separator")
            )
            try parts.finish()
        }
        film = try object.stringIfPresent("film")
        try object.finish()
    }
}
