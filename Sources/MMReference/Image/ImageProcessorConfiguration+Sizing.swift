internal import MMBytes

extension ImageProcessorConfiguration {
    /// `size` in the order in which `PilBackend.resize` of transformers 5.23 tries its forms.
    static func sizing(_ settings: ImageProcessorSettings, isSquare: Bool) throws(ImageProcessorError) -> Sizing {
        if try settings.required("size").integer != nil {
            let side = try settings.integer("size", in: ImageProcessorSettings.sides)
            return isSquare ? .exact(Extent(side: side)) : .shortestEdge(side)
        }
        if let edges = try settings.sides("size", "shortest_edge", "longest_edge") {
            return .edges(shortest: edges[0], longest: edges[1])
        }
        if let edge = try settings.sides("size", "shortest_edge") { return .shortestEdge(edge[0]) }
        if let sides = try settings.sides("size", "max_height", "max_width") {
            return .within(Extent(width: sides[1], height: sides[0]))
        }
        return .exact(try settings.extent("size"))
    }

    static func longestEdge(_ settings: ImageProcessorSettings) throws(ImageProcessorError) -> Sizing {
        if let edge = try settings.sides("size", "longest_edge") { return .longestEdge(edge[0]) }
        return .exact(try settings.extent("size"))
    }

    static func patches(_ settings: ImageProcessorSettings) throws(ImageProcessorError) -> Layout {
        .patches(
            side: try settings.integer("patch_size", in: 1...1024),
            frameCount: try settings.integer("temporal_patch_size", in: 1...16),
            merge: try settings.integer("merge_size", in: 1...16)
        )
    }

    /// The bounds are the edges of `size`, which are areas here, or the older `min_pixels` and `max_pixels`.
    static func pixelCount(
        _ settings: ImageProcessorSettings,
        layout: Layout
    ) throws(ImageProcessorError) -> Sizing? {
        guard case .patches(let side, _, let merge) = layout else { return nil }
        let size = try settings.required("size")
        func bound(_ older: String, _ edge: String) throws(ImageProcessorError) -> Int {
            guard let value = settings.value(older) ?? size[ByteString(edge)] ?? size[ByteString(older)] else {
                throw settings.error(.missing(key: "size.\(edge)"))
            }
            return try settings.integer(value, older, in: 1...1_000_000_000)
        }
        return .pixelCount(
            least: try bound("min_pixels", "shortest_edge"),
            most: try bound("max_pixels", "longest_edge"),
            factor: side * merge
        )
    }

    /// The sizes that LLaVA-NeXT chooses from, and the tile and the overview that follow from the other sizes.
    static func pinpoints(_ settings: ImageProcessorSettings) throws(ImageProcessorError) -> Tiling {
        let overview: Extent
        if let edge = try settings.sides("size", "shortest_edge") {
            overview = Extent(side: edge[0])
        } else {
            overview = try settings.extent("size")
        }
        let side = settings.value("crop_size") == nil ? overview.height : try settings.extent("crop_size").height
        let extents = try settings.extents("image_grid_pinpoints")
        for extent in extents where extent.width % side != 0 || extent.height % side != 0 {
            throw settings.error(.notWholePatches(extent, side: side))
        }
        return .pinpoints(extents, side: side, overview: overview)
    }
}

extension ImageProcessorConfiguration.Sizing {
    /// The size that a picture of this one gets, with the roundings of transformers 5.23. It may be one that
    /// `PictureLimits` refuses.
    func extent(for extent: Extent) throws(ImageProcessorError) -> Extent {
        switch self {
        case .exact(let exact): exact
        case .shortestEdge(let edge): Self.scaled(extent, shortest: Double(edge), Int(edge))
        case .edges(let shortest, let longest): Self.scaled(extent, shortest: shortest, longest: longest)
        case .within(let bound):
            Self.scaled(
                extent,
                by: min(
                    Double(bound.height) / Double(extent.height),
                    Double(bound.width) / Double(extent.width)
                )
            )
        case .longestEdge(let edge): Self.belowIdeficsLimit(Self.evenScaled(extent, longest: edge))
        case .multiple(let side): Self.multiple(extent, of: side)
        case .pixelCount(let least, let most, let factor):
            try Self.smart(extent, least: least, most: most, factor: factor)
        }
    }

    private static func scaled(_ extent: Extent, by scale: Double) -> Extent {
        Extent(width: Int(Double(extent.width) * scale), height: Int(Double(extent.height) * scale))
    }

    /// The shorter side becomes `side`, the longer one `shortest` times the ratio, rounded down
    /// (`get_resize_output_image_size` in image_transforms.py).
    private static func scaled(_ extent: Extent, shortest: Double, _ side: Int) -> Extent {
        extent.width <= extent.height
            ? Extent(width: side, height: Int(shortest * Double(extent.height) / Double(extent.width)))
            : Extent(width: Int(shortest * Double(extent.width) / Double(extent.height)), height: side)
    }

    /// `get_size_with_aspect_ratio` in image_transforms.py.
    private static func scaled(_ extent: Extent, shortest: Int, longest: Int) -> Extent {
        let (shorter, longer) = (Double(extent.shorter), Double(extent.longer))
        guard longer / shorter * Double(shortest) > Double(longest) else {
            return extent.shorter == shortest ? extent : scaled(extent, shortest: Double(shortest), shortest)
        }
        let exact = Double(longest) * shorter / longer
        let side = Int(exact.rounded(.toNearestOrEven))
        return extent.shorter == side ? extent : scaled(extent, shortest: exact, side)
    }

    /// `_resize_output_size_rescale_to_max_len` in image_processing_pil_idefics3.py.
    private static func evenScaled(_ extent: Extent, longest: Int) -> Extent {
        let ratio = extent.aspectRatio
        if extent.width >= extent.height {
            let height = Int(Double(longest) / ratio)
            return Extent(width: longest, height: max(height + height % 2, 1))
        }
        let width = Int(Double(longest) * ratio)
        return Extent(width: max(width + width % 2, 1), height: longest)
    }

    /// `_resize_output_size_scale_below_upper_bound` in image_processing_pil_idefics3.py, with its MAX_IMAGE_SIZE.
    private static func belowIdeficsLimit(_ extent: Extent) -> Extent {
        let limit = 4096
        let ratio = extent.aspectRatio
        if extent.width >= extent.height, extent.width > limit {
            return Extent(width: limit, height: max(Int(Double(limit) / ratio), 1))
        }
        if extent.height > extent.width, extent.height > limit {
            return Extent(width: max(Int(Double(limit) * ratio), 1), height: limit)
        }
        return extent
    }

    /// `resize_for_vision_encoder` in image_processing_pil_idefics3.py.
    private static func multiple(_ extent: Extent, of side: Int) -> Extent {
        func up(_ length: Int) -> Int { length.dividedRoundingUp(by: side) * side }
        if extent.width >= extent.height {
            let width = up(extent.width)
            return Extent(width: width, height: up(Int(Double(width) / extent.aspectRatio)))
        }
        let height = up(extent.height)
        return Extent(width: up(Int(Double(height) * extent.aspectRatio)), height: height)
    }

    /// `smart_resize` in image_processing_pil_qwen2_vl.py.
    private static func smart(
        _ extent: Extent,
        least: Int,
        most: Int,
        factor: Int
    ) throws(ImageProcessorError) -> Extent {
        guard Double(extent.longer) / Double(extent.shorter) <= 200 else {
            throw ImageProcessorError(.extremeAspect(extent))
        }
        let unit = Double(factor)
        func nearest(_ length: Int) -> Int { Int((Double(length) / unit).rounded(.toNearestOrEven)) * factor }
        let rounded = Extent(width: nearest(extent.width), height: nearest(extent.height))
        let area = Double(extent.width * extent.height)
        if rounded.width * rounded.height > most {
            let shrink = (area / Double(most)).squareRoot()
            func down(_ length: Int) -> Int {
                max(factor, Int((Double(length) / shrink / unit).rounded(.down)) * factor)
            }
            return Extent(width: down(extent.width), height: down(extent.height))
        }
        if rounded.width * rounded.height < least {
            let growth = (Double(least) / area).squareRoot()
            func up(_ length: Int) -> Int { Int((Double(length) * growth / unit).rounded(.up)) * factor }
            return Extent(width: up(extent.width), height: up(extent.height))
        }
        return rounded
    }
}
