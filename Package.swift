// swift-tools-version: 6.2
import PackageDescription

// The layers of docs/architecture.md as data: a module may use only modules of a lower layer, and the manifest
// does not load when one reaches upwards.
struct Module {
    let name: String
    let layer: Int
    var uses: [String] = []
    var products: [Target.Dependency] = []
    /// What its tests use beside it and what it uses.
    var testUses: [String] = []
}

let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let system = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

let boundary = [
    "CFaults", "CKernels", "CFormats", "CReference", "CZstd", "CArchive", "CZlib", "CXXHash", "CSpng", "CJPEG",
]

let modules = [
    Module(name: "MMBytes", layer: 1),
    Module(name: "MMStorage", layer: 2, uses: ["MMBytes", "CFaults"], products: [system]),
    Module(name: "MMCodecs", layer: 2, uses: ["MMBytes", "CKernels", "CZstd", "CXXHash"], products: [crypto]),
    Module(name: "MMTensors", layer: 3, uses: ["MMBytes", "MMStorage", "CKernels"]),
    Module(
        name: "MMArchives",
        layer: 3,
        uses: ["MMCodecs", "MMStorage", "MMBytes", "CArchive", "CZlib", "CZstd"],
        products: [system]
    ),
    Module(name: "MMBundles", layer: 4, uses: ["MMTensors", "MMCodecs", "MMStorage", "MMBytes"]),
    Module(name: "MMCheckpoints", layer: 4, uses: ["MMArchives", "MMTensors", "MMStorage", "MMBytes"]),
    Module(name: "MMArchitectures", layer: 4, uses: ["MMTensors", "MMStorage", "MMBytes", "CFormats"]),
    Module(name: "MMPackKit", layer: 5, uses: ["MMBundles", "MMTensors", "MMCodecs", "MMStorage", "MMBytes"]),
    Module(
        name: "MMQuantization",
        layer: 5,
        uses: ["MMArchitectures", "MMTensors", "MMStorage", "MMBytes", "CKernels"]
    ),
    Module(
        name: "MMReference",
        layer: 5,
        uses: ["MMArchitectures", "MMTensors", "MMStorage", "MMBytes", "CKernels", "CFormats", "CSpng", "CJPEG"],
        testUses: ["MMCheckpoints"]
    ),
    Module(
        name: "MMParity",
        layer: 6,
        uses: ["MMReference", "MMArchitectures", "MMTensors", "MMStorage", "MMBytes", "CKernels"]
    ),
    Module(
        name: "MMToolchain",
        layer: 7,
        uses: [
            "MMParity", "MMReference", "MMQuantization", "MMArchitectures", "MMCheckpoints", "MMBundles", "MMArchives",
            "MMTensors", "MMCodecs", "MMStorage", "MMBytes", "CFormats", "CReference",
        ]
    ),
    Module(
        name: "mmpack",
        layer: 8,
        uses: [
            "MMToolchain", "MMParity", "MMQuantization", "MMBundles", "MMTensors", "MMCodecs", "MMStorage", "MMBytes",
        ],
        products: [argumentParser, system]
    ),
]

let layers = Dictionary(uniqueKeysWithValues: boundary.map { ($0, 0) } + modules.map { ($0.name, $0.layer) })
for module in modules {
    for used in module.uses {
        guard let layer = layers[used], layer < module.layer else {
            fatalError("Package.swift: \(module.name) (layer \(module.layer)) may not use \(used)")
        }
    }
}

let common: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableExperimentalFeature("Lifetimes"),
    .treatAllWarnings(as: .error),
]
let strict = common + [.strictMemorySafety()]

func target(_ module: Module) -> Target {
    let dependencies = module.uses.map { Target.Dependency.target(name: $0) } + module.products
    return module.name == "mmpack"
        ? .executableTarget(name: module.name, dependencies: dependencies, swiftSettings: strict)
        : .target(name: module.name, dependencies: dependencies, swiftSettings: strict)
}

/// Test targets see the module itself, what it uses, and the shared test support.
func testTarget(_ module: Module) -> Target {
    .testTarget(
        name: "\(module.name)Tests",
        dependencies: (module.uses + module.testUses + [module.name]).map { .target(name: $0) } + ["MMTestSupport"],
        swiftSettings: common
    )
}

let package = Package(
    name: "mmpack",
    platforms: [.macOS(.v26)],
    products: [
        .executable(name: "mmpack", targets: ["mmpack"]),
        // The module is not called as the product: where file names have no case, it would be the executable's.
        .library(name: "MMPack", targets: ["MMPackKit"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
    ],
    targets: [
        .target(name: "CFaults"),
        .target(name: "CKernels"),
        // The trained model of fixtures/mm1/nano, byte by byte.
        .target(name: "CReference"),
        .target(
            name: "CFormats",
            path: "formats",
            exclude: [
                "mmpack.md", "safetensors.md", "gguf.md", "python", "architectures", "presets", "schemas", "tables",
            ],
            sources: ["formats.c"],
            publicHeadersPath: "include"
        ),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"]), .brew(["zstd"])]),
        .systemLibrary(
            name: "CArchive",
            pkgConfig: "libarchive",
            providers: [.apt(["libarchive-dev"]), .brew(["libarchive"])]
        ),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
        .systemLibrary(
            name: "CXXHash",
            pkgConfig: "libxxhash",
            providers: [.apt(["libxxhash-dev"]), .brew(["xxhash"])]
        ),
        .systemLibrary(name: "CSpng", pkgConfig: "spng", providers: [.apt(["libspng-dev"]), .brew(["libspng"])]),
        .systemLibrary(
            name: "CJPEG",
            pkgConfig: "libturbojpeg",
            providers: [.apt(["libturbojpeg0-dev"]), .brew(["jpeg-turbo"])]
        ),
        .target(
            name: "MMTestSupport",
            dependencies: ["MMBytes", "MMStorage", "MMTensors"],
            path: "Tests/MMTestSupport",
            swiftSettings: common
        ),
    ] + modules.map(target) + modules.map(testTarget),
    cLanguageStandard: .c17
)
