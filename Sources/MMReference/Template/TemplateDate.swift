internal import MMBytes

/// A moment in UTC, and Python's `strftime` of it in the C locale.
struct TemplateDate {
    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]
    private static let weekdays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]

    let year: Int
    /// 1 to 12.
    let month: Int
    /// 1 to 31.
    let day: Int
    /// 1 to 366.
    let dayOfYear: Int
    /// 0 for Sunday.
    let weekday: Int
    let secondOfDay: Int

    /// Seconds since 1970, of the years 1 to 9999 as Python's dates are; nil for others.
    init?(secondsSince1970 seconds: Int) {
        guard (-62_135_596_800..<253_402_300_800).contains(seconds) else { return nil }
        let days = seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400
        secondOfDay = seconds - days * 86_400
        weekday = ((days + 4) % 7 + 7) % 7
        // Days since 1 March of year 0, in eras of 400 years (H. Hinnant, "chrono-Compatible
        // Low-Level Date Algorithms").
        let shifted = days + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayFromMarch = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayFromMarch + 2) / 153
        day = dayFromMarch - (153 * monthFromMarch + 2) / 5 + 1
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        dayOfYear = month <= 2 ? dayFromMarch - 305 : dayFromMarch + 60 + (isLeap ? 1 : 0)
    }

    /// The text of a format; the conversion that is not known is given instead where one is not.
    func text(_ format: ByteString) -> (text: [UInt8], unknown: String?) {
        var result: [UInt8] = []
        var index = 0
        let bytes = format.bytes
        while index < bytes.count {
            guard bytes[index] == UInt8(ascii: "%"), index + 1 < bytes.count else {
                result.append(bytes[index])
                index += 1
                continue
            }
            let dropsZeros = bytes[index + 1] == UInt8(ascii: "-") && index + 2 < bytes.count
            let letter = bytes[index + (dropsZeros ? 2 : 1)]
            guard let part = part(letter, dropsZeros: dropsZeros) else {
                return (result, "%" + String(Character(Unicode.Scalar(letter))))
            }
            result += part.utf8
            index += dropsZeros ? 3 : 2
        }
        return (result, nil)
    }

    private func part(_ letter: UInt8, dropsZeros: Bool) -> String? {
        let hour = secondOfDay / 3_600
        func number(_ value: Int, _ width: Int) -> String {
            dropsZeros ? "\(value)" : value.zeroPadded(toDigits: width)
        }
        switch letter {
        case UInt8(ascii: "d"): return number(day, 2)
        case UInt8(ascii: "m"): return number(month, 2)
        case UInt8(ascii: "Y"): return "\(year)"
        case UInt8(ascii: "y"): return number(year % 100, 2)
        case UInt8(ascii: "H"): return number(hour, 2)
        case UInt8(ascii: "I"): return number((hour + 11) % 12 + 1, 2)
        case UInt8(ascii: "M"): return number(secondOfDay / 60 % 60, 2)
        case UInt8(ascii: "S"): return number(secondOfDay % 60, 2)
        case UInt8(ascii: "j"): return number(dayOfYear, 3)
        case UInt8(ascii: "p"): return hour < 12 ? "AM" : "PM"
        case UInt8(ascii: "B"): return Self.months[month - 1]
        case UInt8(ascii: "b"): return String(Self.months[month - 1].prefix(3))
        case UInt8(ascii: "A"): return Self.weekdays[weekday]
        case UInt8(ascii: "a"): return String(Self.weekdays[weekday].prefix(3))
        case UInt8(ascii: "F"): return "\(year)-\(month.zeroPadded(toDigits: 2))-\(day.zeroPadded(toDigits: 2))"
        case UInt8(ascii: "T"):
            return [hour, secondOfDay / 60 % 60, secondOfDay % 60].map { $0.zeroPadded(toDigits: 2) }.joined(
                separator: ":"
            )
        case UInt8(ascii: "%"): return "%"
        default: return nil
        }
    }
}
