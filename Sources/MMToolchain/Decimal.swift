/// Numbers for people, the same in every locale.
package enum Decimal {
    /// Fixed notation with so many digits after the point.
    package static func text(_ value: Double, places: Int) -> String {
        guard value.isFinite, abs(value) < 1e15 else { return value.description }
        let scale = (0..<places).reduce(1.0) { power, _ in power * 10 }
        let scaled = (abs(value) * scale).rounded(.toNearestOrEven)
        guard scaled < 9e18 else { return value.description }
        let digits = String(Int(scaled))
        let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
        let sign = value < 0 && scaled != 0 ? "-" : ""
        guard places > 0 else { return sign + padded }
        return "\(sign)\(padded.dropLast(places)).\(padded.suffix(places))"
    }

    /// About so many significant digits in fixed notation, scientific below 0.0001.
    package static func text(_ value: Double, significantDigits: Int) -> String {
        guard value.isFinite, value != 0 else { return value == 0 ? "0" : value.description }
        var exponent = 0
        var magnitude = abs(value)
        while magnitude >= 10 {
            magnitude /= 10
            exponent += 1
        }
        while magnitude < 1 {
            magnitude *= 10
            exponent -= 1
        }
        if exponent < -4 {
            return "\(value < 0 ? "-" : "")\(text(magnitude, places: significantDigits - 1))e\(exponent)"
        }
        return text(value, places: max(0, significantDigits - 1 - exponent))
    }
}
