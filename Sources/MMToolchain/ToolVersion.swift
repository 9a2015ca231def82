/// The version that bundles record as their maker.
package enum ToolVersion {
    package static let text = "0.1.0"
}
