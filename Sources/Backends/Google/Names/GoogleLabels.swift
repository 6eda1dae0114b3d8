/// What may be a label of a secret. The service refuses everything else, and nothing here is changed silently to fit.
enum GoogleLabels {
    /// Most labels of one secret.
    static let maximumCount = 64
    /// Most characters of a name, and of a value.
    static let maximumCharacters = 63
    /// Most bytes in UTF-8 of a name, and of a value.
    static let maximumBytes = 128

    /// Why a pair cannot be a label.
    enum Fault: Equatable, CustomStringConvertible {
        case name
        case value

        var description: String {
            switch self {
            case .name:
                """
                cannot be the name of a label: it must begin with a lower-case letter, and have at most \
                \(maximumCharacters) lower-case letters, digits, "_" and "-"
                """
            case .value:
                """
                has a value that a label cannot have: at most \(maximumCharacters) lower-case letters, digits, "_" \
                and "-" are possible
                """
            }
        }
    }

    static func fault(name: String, value: String) -> Fault? {
        guard let first = name.unicodeScalars.first, isLetter(first), fits(name) else { return .name }
        return fits(value) ? nil : .value
    }

    /// The first fault among labels, in the order of their names.
    static func fault(in labels: [String: String]) -> (name: String, fault: Fault)? {
        for (name, value) in labels.sorted(by: { $0.key < $1.key }) {
            if let fault = fault(name: name, value: value) { return (name, fault) }
        }
        return nil
    }

    private static func fits(_ text: String) -> Bool {
        text.unicodeScalars.count <= maximumCharacters && text.utf8.count <= maximumBytes
            && text.unicodeScalars.allSatisfy { isLetter($0) || isNumber($0) || $0 == "_" || $0 == "-" }
    }

    /// A lower-case letter, or one of a script without cases.
    private static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .lowercaseLetter, .otherLetter: true
        default: false
        }
    }

    private static func isNumber(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .decimalNumber, .letterNumber, .otherNumber: true
        default: false
        }
    }
}
