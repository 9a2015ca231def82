internal import CKernels

extension Picture {
    /// The picture at another size, equal to `Image.resize` of Pillow 13 in every byte: columns, then rows, each
    /// rounded to bytes, and neither where its length stays.
    package func resized(to extent: Extent, _ filter: ResampleFilter) throws(PictureError) -> Picture {
        try PictureLimits.check(extent)
        guard extent != self.extent else { return self }
        guard filter != .nearest else { return nearest(extent) }
        // Since version 13 Pillow does the rows first where that makes a picture much smaller, which is to be seen in
        // the rounding (pull request 9549): where more than twice as many rows go as columns.
        if extent.height < height, height - extent.height > 2 * (width - extent.width) {
            return try resampledDown(to: extent.height, filter).resampledAcross(to: extent.width, filter)
        }
        return try resampledAcross(to: extent.width, filter).resampledDown(to: extent.height, filter)
    }

    private func resampledAcross(to outputWidth: Int, _ filter: ResampleFilter) throws(PictureError) -> Picture {
        guard outputWidth != width else { return self }
        try PictureLimits.check(Extent(width: outputWidth, height: height))
        let table = ResampleTaps(inputCount: width, outputCount: outputWidth, filter: filter)
        let count = outputWidth * height * Self.channelCount
        let output = unsafe [UInt8](unsafeUninitializedCapacity: count) { output, initialized in
            // Every tap is below `width` by the construction of the table; the kernel writes `count` bytes, all.
            unsafe pixels.withUnsafeBufferPointer { input in
                guard let source = input.baseAddress, let target = output.baseAddress else { return }
                unsafe table.withTaps { taps in
                    unsafe mmk_resample_across(source, width, height, taps, target, outputWidth)
                }
            }
            initialized = count
        }
        return Picture(checked: Extent(width: outputWidth, height: height), pixels: output)
    }

    private func resampledDown(to outputHeight: Int, _ filter: ResampleFilter) throws(PictureError) -> Picture {
        guard outputHeight != height else { return self }
        try PictureLimits.check(Extent(width: width, height: outputHeight))
        let table = ResampleTaps(inputCount: height, outputCount: outputHeight, filter: filter)
        let count = rowByteCount * outputHeight
        let output = unsafe [UInt8](unsafeUninitializedCapacity: count) { output, initialized in
            // Every tap is below `height` by the construction of the table; the kernel writes `count` bytes, all.
            unsafe pixels.withUnsafeBufferPointer { input in
                guard let source = input.baseAddress, let target = output.baseAddress else { return }
                unsafe table.withTaps { taps in
                    unsafe mmk_resample_down(source, rowByteCount, taps, target, outputHeight)
                }
            }
            initialized = count
        }
        return Picture(checked: Extent(width: width, height: outputHeight), pixels: output)
    }

    /// Pillow's scaling without a filter (src/libImaging/Geometry.c, `ImagingScaleAffine`), which adds up positions
    /// instead of multiplying them.
    private func nearest(_ extent: Extent) -> Picture {
        func positions(_ input: Int, _ output: Int) -> [Int] {
            let scale = Double(input) / Double(output)
            var position = scale * 0.5
            return (0..<output).map { _ in
                defer { position += scale }
                return min(Int(position), input - 1)
            }
        }
        let columns = positions(width, extent.width)
        var output: [UInt8] = []
        output.reserveCapacity(extent.width * extent.height * Self.channelCount)
        for row in positions(height, extent.height) {
            for column in columns {
                let start = row * rowByteCount + column * Self.channelCount
                output.append(contentsOf: pixels[start..<start + Self.channelCount])
            }
        }
        return Picture(checked: extent, pixels: output)
    }
}
