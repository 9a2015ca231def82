internal import ArgumentParser
internal import MMToolchain

/// A number of bytes as people write it: decimal units, one space.
struct ByteSize: ExpressibleByArgument {
    let byteCount: Int

    /// In the units that `init(argument:)` reads.
    var defaultValueDescription: String {
        byteCount.isMultiple(of: 1 << 30) ? "\(byteCount >> 30)GiB" : "\(byteCount)"
    }

    init(byteCount: Int) {
        self.byteCount = byteCount
    }

    /// "4GB", "1.5 GB", "512MiB", "65536", or a store's preset: ios (4 GB), android (1.5 GB), hub (20 GB).
    init?(argument: String) {
        if let store = StoreLimit(rawValue: argument.lowercased()) {
            byteCount = store.byteCount
            return
        }
        let digits = argument.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        let unit = argument.dropFirst(digits.count).drop { $0 == " " }.lowercased()
        let units: [String: Double] = [
            "": 1, "b": 1, "kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12,
            "kib": 1024, "mib": 1_048_576, "gib": 1_073_741_824,
        ]
        guard let number = Double(digits), let factor = units[unit], number * factor >= 1, number * factor < 1e18 else {
            return nil
        }
        byteCount = Int(number * factor)
    }

    /// "1.63 GB", "271 MB", "812 B": three significant digits.
    static func text(_ byteCount: Int) -> String {
        var value = Double(byteCount)
        var units = ["B", "kB", "MB", "GB", "TB", "PB"][...]
        while value >= 999.5, units.count > 1 {
            value /= 1000
            units.removeFirst()
        }
        let unit = units.first ?? "B"
        return unit == "B" ? "\(byteCount) B" : "\(Decimal.text(value, significantDigits: 3)) \(unit)"
    }
}
