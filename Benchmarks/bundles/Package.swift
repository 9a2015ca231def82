// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "bundles",
    platforms: [.macOS(.v26)],
    dependencies: [.package(name: "mmpack", path: "../..")],
    targets: [
        .executableTarget(name: "Bundles", dependencies: [.product(name: "MMPack", package: "mmpack")])
    ]
)
