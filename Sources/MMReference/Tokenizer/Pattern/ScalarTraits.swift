/// What a pattern may ask of a Unicode scalar: its general category, White_Space and "word", as bits of one integer.
///
/// Bits 0 to 29 are the general categories in the order of `categoryNames`, of which a scalar has exactly one.
/// The data is the standard library's (`Unicode.Scalar.Properties`): scalars that it knows from a newer Unicode version
/// than the `tokenizers` library does are cut as what they are, not as unassigned.
enum ScalarTraits {
    /// The two-letter names of the Unicode Standard, table 4-4; the index is the bit.
    static let categoryNames: [String] = [
        "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po",
        "Sm", "Sc", "Sk", "So", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co", "Cn",
    ]
    static let whitespace: UInt32 = 1 << 30
    /// Alphabetic, or of category M, Nd or Pc (Unicode Technical Standard 18, annex C).
    static let word: UInt32 = 1 << 31
    /// What Oniguruma takes for word characters besides, outside brackets: numbers of Latin-1 (its table of ISO 8859-1).
    static let latinNumbers: [ClosedRange<UInt32>] = [0xB2...0xB3, 0xB9...0xB9, 0xBC...0xBE]

    /// The mask of `Lu`, of a whole group such as `L`, of `LC`, or of `Any`; nil for other names.
    static func mask(named name: String) -> UInt32? {
        switch name {
        case "Any": return 1 << 30 - 1
        case "LC": return 0b111
        default: break
        }
        guard name.utf8.count == 1 || name.utf8.count == 2 else { return nil }
        var mask: UInt32 = 0
        for (index, category) in categoryNames.enumerated() where category.hasPrefix(name) {
            mask |= 1 << UInt32(index)
        }
        return mask == 0 ? nil : mask
    }

    static func bits(of scalar: UInt32) -> UInt32 {
        expanded(scalar < tableCount ? table[Int(scalar)] : packed(scalar))
    }

    /// The basic and the supplementary multilingual plane: what text is made of, other than rare ideographs.
    private static let tableCount: UInt32 = 0x20000
    private static let table: [UInt8] = (0..<tableCount).map(packed)

    private static func expanded(_ packed: UInt8) -> UInt32 {
        1 << UInt32(packed & 0x1F) | UInt32(packed >> 5) << 30
    }

    /// Category in bits 0 to 4, white space in bit 5, word in bit 6.
    private static func packed(_ value: UInt32) -> UInt8 {
        guard let scalar = Unicode.Scalar(value) else { return 27 }
        let properties = scalar.properties
        let category = categoryIndex(properties.generalCategory)
        let isWord = properties.isAlphabetic || (5...8).contains(category) || category == 11
        return category | (properties.isWhitespace ? 0x20 : 0) | (isWord ? 0x40 : 0)
    }

    private static func categoryIndex(_ category: Unicode.GeneralCategory) -> UInt8 {
        switch category {
        case .uppercaseLetter: 0
        case .lowercaseLetter: 1
        case .titlecaseLetter: 2
        case .modifierLetter: 3
        case .otherLetter: 4
        case .nonspacingMark: 5
        case .spacingMark: 6
        case .enclosingMark: 7
        case .decimalNumber: 8
        case .letterNumber: 9
        case .otherNumber: 10
        case .connectorPunctuation: 11
        case .dashPunctuation: 12
        case .openPunctuation: 13
        case .closePunctuation: 14
        case .initialPunctuation: 15
        case .finalPunctuation: 16
        case .otherPunctuation: 17
        case .mathSymbol: 18
        case .currencySymbol: 19
        case .modifierSymbol: 20
        case .otherSymbol: 21
        case .spaceSeparator: 22
        case .lineSeparator: 23
        case .paragraphSeparator: 24
        case .control: 25
        case .format: 26
        case .surrogate: 27
        case .privateUse: 28
        default: 29
        }
    }
}
