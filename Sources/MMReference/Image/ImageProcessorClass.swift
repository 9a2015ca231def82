internal import MMBytes

/// The image processors of transformers that are known here, by the name that preprocessor_config.json has under
/// `image_processor_type`.
enum ImageProcessorClass: String, CaseIterable {
    case clip = "CLIPImageProcessor"
    case llava = "LlavaImageProcessor"
    case llavaNext = "LlavaNextImageProcessor"
    case siglip = "SiglipImageProcessor"
    case gemma3 = "Gemma3ImageProcessor"
    case idefics3 = "Idefics3ImageProcessor"
    case smolVLM = "SmolVLMImageProcessor"
    case qwen2VL = "Qwen2VLImageProcessor"
    case gotOCR2 = "GotOcr2ImageProcessor"
    /// mmpack's own, for the policies of MM1 and MM1.5, which transformers does not have.
    case mm1 = "MM1ImageProcessor"

    static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }

    /// The class behind a name with or without the suffix of a backend (`Fast`, `Pil`), or behind the older names.
    init?(named name: String) {
        let base = ["Fast", "Pil"].first { name.hasSuffix($0) }.map { String(name.dropLast($0.count)) } ?? name
        guard let found = Self(rawValue: base) ?? Self.olderNames[base] else {
            return nil
        }
        self = found
    }

    /// Names that checkpoints of earlier versions have.
    private static let olderNames: [String: Self] = [
        "CLIPFeatureExtractor": .clip,
        "Qwen2_5_VLImageProcessor": .qwen2VL,
        "Qwen3VLImageProcessor": .qwen2VL,
    ]

    /// The class that a model's processor has where none is named: transformers 5.23,
    /// models/auto/image_processing_auto.py.
    init?(ofProcessor name: String) {
        switch name {
        case "CLIPProcessor": self = .clip
        case "LlavaProcessor": self = .llava
        case "LlavaNextProcessor": self = .llavaNext
        case "SiglipProcessor", "PaliGemmaProcessor": self = .siglip
        case "Gemma3Processor": self = .gemma3
        case "Idefics3Processor": self = .idefics3
        case "SmolVLMProcessor": self = .smolVLM
        case "Qwen2VLProcessor", "Qwen2_5_VLProcessor", "Qwen3VLProcessor": self = .qwen2VL
        case "InternVLProcessor": self = .gotOCR2
        case "MM1Processor": self = .mm1
        default: return nil
        }
    }

    /// What a model's processor passes to its image processor whatever the files say (`images_kwargs` in transformers
    /// 5.23, models/*/processing_*.py).
    static func settings(ofProcessor name: String) -> JSONValue {
        switch name {
        case "InternVLProcessor": ["crop_to_patches": true]
        case "Gemma3Processor":
            [
                "do_pan_and_scan": false, "pan_and_scan_min_crop_size": 256, "pan_and_scan_max_num_crops": 4,
                "pan_and_scan_min_ratio_to_activate": 1.2,
            ]
        default: [:]
        }
    }

    /// What the class has where a file is silent: the class attributes in transformers 5.23,
    /// models/*/image_processing_pil_*.py; Gemma 3's bounds of pan and scan, which its class leaves open, are its
    /// processor's.
    var defaults: JSONValue {
        switch self {
        case .clip, .llava: Self.clipDefaults
        case .llavaNext:
            Self.clipDefaults.adding([
                "image_grid_pinpoints": [[336, 672], [672, 336], [672, 672], [1008, 336], [336, 1008]]
            ])
        case .siglip: ["resample": 3, "size": ["height": 224, "width": 224]]
        case .gemma3:
            [
                "resample": 2, "size": ["height": 224, "width": 224], "do_pan_and_scan": false,
                "pan_and_scan_min_crop_size": 256, "pan_and_scan_max_num_crops": 4,
                "pan_and_scan_min_ratio_to_activate": 1.2,
            ]
        case .idefics3, .smolVLM:
            [
                "resample": 1, "size": ["longest_edge": 1456], "max_image_size": ["longest_edge": 364],
                "do_image_splitting": true,
            ]
        case .qwen2VL:
            JSONValue([
                "resample": 3, "size": ["shortest_edge": 3136, "longest_edge": 1_003_520], "patch_size": 14,
                "temporal_patch_size": 2, "merge_size": 2,
            ]).adding(Self.openAI)
        case .gotOCR2:
            JSONValue([
                "resample": 3, "size": ["height": 384, "width": 384], "crop_to_patches": false, "min_patches": 1,
                "max_patches": 12,
            ]).adding(Self.openAI)
        case .mm1:
            JSONValue([
                "resample": 3, "size": ["height": 378, "width": 378], "policy": "native", "min_tiles": 4,
                "max_tiles": 9, "tile_labels": "indices", "most_split_pictures": 2,
            ]).adding(Self.openAI)
        }
    }

    /// Whether a size that is one number means a square (`default_to_square` of the class).
    var sizesAreSquares: Bool {
        switch self {
        case .gemma3, .gotOCR2, .idefics3, .smolVLM, .mm1: true
        case .clip, .llava, .llavaNext, .siglip, .qwen2VL: false
        }
    }

    /// Pixel statistics of OpenAI's CLIP, and otherwise the halves of ImageNet's "standard" (utils/constants.py).
    private static let openAI: JSONValue = [
        "image_mean": [0.48145466, 0.4578275, 0.40821073], "image_std": [0.26862954, 0.26130258, 0.27577711],
    ]

    /// What all classes have.
    static let commonDefaults: JSONValue = [
        "do_resize": true, "do_rescale": true, "rescale_factor": 0.00392156862745098, "do_normalize": true,
        "image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5], "do_pad": false, "do_center_crop": false,
    ]

    private static let clipDefaults = JSONValue([
        "resample": 3, "size": ["shortest_edge": 224], "crop_size": ["height": 224, "width": 224],
        "do_center_crop": true,
    ]).adding(openAI)
}

extension JSONValue {
    fileprivate init(_ literal: JSONValue) { self = literal }

    /// The members of both objects.
    fileprivate func adding(_ other: JSONValue) -> JSONValue { .object((members ?? []) + (other.members ?? [])) }
}
