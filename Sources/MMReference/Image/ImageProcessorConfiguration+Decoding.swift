package import MMBytes

extension ImageProcessorConfiguration {
    /// From preprocessor_config.json, or from processor_config.json with the same under `image_processor`.
    ///
    /// `options` win over the file, as arguments of the call do in transformers: `{"do_pan_and_scan": true}`. The class
    /// is the one under `image_processor_type`, or the older `feature_extractor_type`, or the one that belongs to
    /// `processor_class`. Keys that are missing or null have the value of the class in transformers 5.23.
    package init(_ json: JSONValue, options: JSONValue = [:]) throws(ImageProcessorError) {
        guard json.members != nil else { throw ImageProcessorError(.notAnObject) }
        let own = json["image_processor"].flatMap { $0.members == nil ? nil : $0 } ?? json
        let processor = (own["processor_class"]?.string ?? json["processor_class"]?.string)?.string
        let kind = try Self.kind(own, processor: processor)
        let settings = ImageProcessorSettings(
            name: kind.rawValue,
            layers: [
                options, ImageProcessorClass.settings(ofProcessor: processor ?? ""), own, kind.defaults,
                ImageProcessorClass.commonDefaults,
            ]
        )
        try self.init(kind, settings)
    }

    private static func kind(
        _ json: JSONValue,
        processor: String?
    ) throws(ImageProcessorError) -> ImageProcessorClass {
        if let name = json["image_processor_type"]?.string ?? json["feature_extractor_type"]?.string {
            guard let kind = ImageProcessorClass(named: name.string) else {
                throw ImageProcessorError(.unsupportedClass(name))
            }
            return kind
        }
        guard let processor else { throw ImageProcessorError(.missingClass) }
        guard let kind = ImageProcessorClass(ofProcessor: processor) else {
            throw ImageProcessorError(.unsupportedClass(ByteString(processor)))
        }
        return kind
    }

    private init(_ kind: ImageProcessorClass, _ settings: ImageProcessorSettings) throws(ImageProcessorError) {
        name = kind.rawValue
        filter = try Self.filter(settings)
        normalization = try Self.normalization(settings)
        crop = try settings.bool("do_center_crop") ? settings.extent("crop_size") : nil
        squareColour = nil
        pictureSizings = []
        tiling = .none
        layout = .planes
        tileSizing = nil
        let resizes = try settings.bool("do_resize")
        switch kind {
        case .clip, .siglip, .llava, .llavaNext, .gemma3, .gotOCR2, .mm1:
            if resizes { tileSizing = try Self.sizing(settings, isSquare: kind.sizesAreSquares) }
        case .idefics3, .smolVLM:
            if resizes { pictureSizings = [try Self.longestEdge(settings)] }
        case .qwen2VL:
            layout = try Self.patches(settings)
            if resizes { tileSizing = try Self.pixelCount(settings, layout: layout) }
        }
        try addTiling(kind, settings)
    }

    private mutating func addTiling(
        _ kind: ImageProcessorClass,
        _ settings: ImageProcessorSettings
    ) throws(ImageProcessorError) {
        switch kind {
        case .clip, .siglip:
            if try settings.bool("do_pad"), settings.value("pad_size") != nil {
                throw settings.error(.unsupportedValue(key: "pad_size", value: "a size", allowed: "none"))
            }
        case .llava:
            if try settings.bool("do_pad") { squareColour = SquareColour(mean: try settings.channels("image_mean")) }
        case .llavaNext: tiling = try Self.pinpoints(settings)
        case .gemma3:
            guard try settings.bool("do_pan_and_scan") else { return }
            tiling = .panAndScan(
                leastSide: try settings.integer("pan_and_scan_min_crop_size", in: ImageProcessorSettings.sides),
                mostCount: try settings.integer("pan_and_scan_max_num_crops", in: 1...1024),
                leastRatio: try settings.number("pan_and_scan_min_ratio_to_activate")
            )
        case .idefics3, .smolVLM:
            guard let side = try settings.sides("max_image_size", "longest_edge")?[0] else {
                throw settings.error(.missing(key: "max_image_size.longest_edge"))
            }
            if try settings.bool("do_image_splitting") {
                pictureSizings.append(.multiple(of: side))
                tiling = .split(side: side)
            } else {
                pictureSizings.append(.exact(Extent(side: side)))
            }
        case .gotOCR2:
            let most = try settings.integer("max_patches", in: 1...1024)
            guard try settings.bool("crop_to_patches"), most > 1 else { return }
            let least = try settings.integer("min_patches", in: 1...1024)
            tiling = .aspectGrid(tile: try settings.extent("size"), least: least, most: most)
            tileSizing = nil
        case .qwen2VL: break
        case .mm1: try addPolicy(settings)
        }
    }

    private static func filter(_ settings: ImageProcessorSettings) throws(ImageProcessorError) -> ResampleFilter {
        let number = try settings.integer("resample", in: 0...5)
        guard let filter = ResampleFilter(rawValue: number) else {
            let allowed = "0 (nearest), 1 (lanczos), 2 (bilinear) or 3 (bicubic)"
            throw settings.error(.unsupportedValue(key: "resample", value: "\(number)", allowed: allowed))
        }
        return filter
    }

    private static func normalization(
        _ settings: ImageProcessorSettings
    ) throws(ImageProcessorError) -> PixelNormalization {
        let scale = try settings.bool("do_rescale") ? settings.number("rescale_factor") : nil
        guard try settings.bool("do_normalize") else { return PixelNormalization(scale: scale, statistics: nil) }
        let deviation = try settings.channels("image_std")
        for channel in 0..<Picture.channelCount where Float(deviation[channel]) == 0 {
            throw settings.error(.outOfRange(key: "image_std", value: 0, allowed: "a number that is not zero"))
        }
        let statistics = PixelNormalization.Statistics(
            mean: try settings.channels("image_mean"),
            deviation: deviation
        )
        return PixelNormalization(scale: scale, statistics: statistics)
    }
}

extension ImageProcessorConfiguration.SquareColour {
    /// The mean of the pixels as bytes, rounded down.
    init(mean: [3 of Double]) {
        func level(_ mean: Double) -> UInt8 { UInt8(min(max(mean * 255, 0), 255)) }
        self.init(red: level(mean[0]), green: level(mean[1]), blue: level(mean[2]))
    }
}
