package import MMBytes

/// A job that cannot be done as asked.
package struct ToolchainError: DiagnosedError {
    package enum Reason: Sendable, Hashable {
        case noSuchTensor(ByteString, count: Int)
        case notABundle
        case cannotRun(String)
        case noTokenizer
        case noChatTemplate
        case assetCollides(ByteString)
        case badLedger
        case notOneModel(projectorPath: String, why: String)
        case emptyText
        case emptyPrompt
        case takesNoPictures
        /// `marker` is what the prompt has for one.
        case takesNoFilms(marker: String)
        case takesNoCrops
        case noImageProcessor
        /// Places for pictures in a prompt, and pictures.
        case picturesDoNotFit(places: Int, pictures: Int)
        case promptTooLong(tokenCount: Int, contextLength: Int)
        case blockType(tensor: ByteString, type: String)
        /// A preset or device that is not known.
        case unknownName(allowed: [String])
        case tooLarge(byteCount: Int)
        /// A table that is part of the program.
        case malformedTable
        case tooLargeForArchive
        /// A member of an archive that its second reading did not come to.
        case noDigest
    }

    package let reason: Reason
    package let path: String

    @inline(never)
    package init(_ reason: Reason, path: String) {
        self.reason = reason
        self.path = path
    }

    package var category: ErrorCategory {
        switch reason {
        case .noSuchTensor, .emptyText, .emptyPrompt, .promptTooLong, .blockType, .takesNoPictures,
            .takesNoFilms, .takesNoCrops, .picturesDoNotFit, .unknownName:
            .usage
        case .malformedTable: .internalFault
        case .notABundle, .cannotRun, .noTokenizer, .noChatTemplate, .noImageProcessor, .assetCollides,
            .badLedger, .notOneModel, .tooLarge, .tooLargeForArchive, .noDigest:
            .badData
        }
    }

    package var description: String {
        let place = ByteString(path).description
        switch reason {
        case .noSuchTensor(let name, let count):
            return "\(place): no tensor is called \(name); there are \(count) others"
        case .notABundle: return "\(place): not a bundle; mmpack convert makes one"
        case .cannotRun(let why): return "\(place): \(why)"
        case .noTokenizer: return "\(place): holds no tokenizer, so text cannot be turned into token ids"
        case .noChatTemplate:
            return "\(place): holds no chat template; without --chat the prompt is continued as it stands"
        case .assetCollides(let name): return "\(place): its asset \(name) would take the place of exported weights"
        case .notOneModel(let projectorPath, let why):
            return "\(place) and \(ByteString(projectorPath)) do not make one model: \(why)"
        case .unknownName(let allowed): return "\(place) is not known; there are \(allowed.joined(separator: ", "))"
        case .tooLarge(let byteCount): return "\(place): has more than the \(byteCount) bytes that are taken"
        case .noDigest: return "\(place): the archive changed while it was read"
        case .malformedTable: return "\(place): this table of the program is broken"
        case .badLedger: return "\(place): its ledger does not say where each tensor came from"
        case .takesNoPictures: return "\(place): the model takes no pictures"
        case .takesNoFilms(let marker):
            return
                "\(place): the prompt has a place for a film, \(ByteString(marker)); films are not read, only single "
                + "pictures"
        case .takesNoCrops:
            return "\(place): the model takes no crops of pictures beside them (pan and scan), as Gemma 3 does"
        case .noImageProcessor:
            return
                "\(place): holds neither preprocessor_config.json nor a processor_config.json that says how pictures "
                + "are prepared"
        case .picturesDoNotFit(let places, let pictures):
            return "\(place): the prompt has places for \(places) pictures, and \(pictures) are given"
        case .tooLargeForArchive: return "\(place): its parts together do not fit an archive of 2^63 - 1 bytes"
        case .emptyText: return "\(place): the text gives fewer than two tokens"
        case .emptyPrompt: return "\(place): the prompt gives no token, and this tokenizer begins no text by itself"
        case .promptTooLong(let tokenCount, let contextLength):
            return "\(place): the prompt has \(tokenCount) tokens; the model's context holds \(contextLength)"
        case .blockType(let tensor, let type):
            return
                "\(place): tensor \(tensor) is \(type), which safetensors cannot hold; choose --dtype f32, f16 or bf16"
        }
    }
}
