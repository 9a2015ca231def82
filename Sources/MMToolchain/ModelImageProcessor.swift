internal import MMBytes
internal import MMReference
internal import MMTensors

/// Finds the image processor among the files that travel with a model.
enum ModelImageProcessor {
    /// As transformers 5 looks for it: what processor_config.json has for pictures, else preprocessor_config.json; nil
    /// where a model has neither.
    ///
    /// - Parameter isPanning: asks for crops, as `do_pan_and_scan` of a call does.
    /// - Throws: `ParseError` and `ImageProcessorError`.
    static func processor(of assets: [Asset], isPanning: Bool = false) throws -> ImageProcessor? {
        let options: JSONValue = isPanning ? ["do_pan_and_scan": true] : [:]
        let processor = try ModelTokenizer.json("processor_config.json", in: assets)
        if let processor, processor["image_processor"]?.members != nil {
            return ImageProcessor(configuration: try ImageProcessorConfiguration(processor, options: options))
        }
        guard var own = try ModelTokenizer.json("preprocessor_config.json", in: assets) else { return nil }
        // The class of the processor decides too, and may be told by its own file only.
        if own["processor_class"] == nil, let name = processor?["processor_class"], let members = own.members {
            own = .object(members + [JSONMember(name: "processor_class", value: name)])
        }
        return ImageProcessor(configuration: try ImageProcessorConfiguration(own, options: options))
    }
}
