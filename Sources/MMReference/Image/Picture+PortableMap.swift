extension Picture {
    /// The picture as a binary portable pixmap (PPM, P6).
    package var portablePixmap: [UInt8] { Array("P6\n\(width) \(height)\n255\n".utf8) + pixels }
}
