/// Which tensors of a bundle are stored compact. A tensor is stored raw where that saves less than 3 %.
public enum BundleProfile: String, Sendable, Hashable, CaseIterable {
    /// None: every tensor can be mapped.
    case raw
    /// Floats, which become a third to a sixth smaller and decode at the speed of memory.
    case device
    /// Quantized blocks too, by whichever codec makes a chunk smallest: for keeping and sending.
    case archive
}
