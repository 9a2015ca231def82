// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "example",
    platforms: [.macOS(.v26)],
    dependencies: [.package(name: "mmpack", path: "../..")],
    targets: [
        .executableTarget(name: "Look", dependencies: [.product(name: "MMPack", package: "mmpack")])
    ]
)
