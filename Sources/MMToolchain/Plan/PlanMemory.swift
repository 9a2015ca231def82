internal import MMArchitectures
package import MMBytes

/// What a model needs beside its weights while it runs.
package struct PlanMemory: Sendable, Hashable {
    package let contextLength: Int
    /// Keys and values of the whole context in f16.
    package let cacheByteCount: Int
    /// Of one position that every layer keeps.
    package let cacheByteCountPerToken: Int
    package let imageCount: Int
    package let imageTokenCount: Int
    /// Of the cache, what the pictures' tokens take.
    package let imageCacheByteCount: Int
    /// What the connector gives for the pictures, in f32.
    package let imageFeatureByteCount: Int

    private static let cacheElementByteCount = 2

    /// Nil for sizes that do not fit.
    init?(_ decoder: DecoderConfiguration, contextLength: Int, imageCount: Int, tokensPerImage: Int) {
        guard
            let width = decoder.keyValueHeadCount.multiplied(by: decoder.headWidth)?
                .multiplied(by: 2 * Self.cacheElementByteCount),
            let perToken = width.multiplied(by: decoder.layerCount),
            let imageTokens = imageCount.multiplied(by: tokensPerImage),
            let imageCache = imageTokens.multiplied(by: perToken),
            let features = imageTokens.multiplied(by: decoder.modelWidth)?
                .multiplied(by: MemoryLayout<Float>.stride)
        else { return nil }
        var cache = 0
        for layer in decoder.layers {
            let positions = layer.isSliding ? min(decoder.window ?? contextLength, contextLength) : contextLength
            guard let bytes = positions.multiplied(by: width), let sum = cache.adding(bytes) else { return nil }
            cache = sum
        }
        self.contextLength = contextLength
        cacheByteCount = cache
        cacheByteCountPerToken = perToken
        self.imageCount = imageCount
        imageTokenCount = imageTokens
        imageCacheByteCount = imageCache
        imageFeatureByteCount = features
    }

    package var json: JSONValue {
        [
            "context": .integer(contextLength), "cache_nbytes": .integer(cacheByteCount),
            "cache_nbytes_per_token": .integer(cacheByteCountPerToken), "images": .integer(imageCount),
            "image_tokens": .integer(imageTokenCount), "image_cache_nbytes": .integer(imageCacheByteCount),
            "image_feature_nbytes": .integer(imageFeatureByteCount),
        ]
    }
}
