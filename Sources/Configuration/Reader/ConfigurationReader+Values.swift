/// A value out of a fixed set of words.
package protocol ConfigurationChoice: RawRepresentable, CaseIterable, Sendable where RawValue == String {}

/// Numbers, words, durations, sizes and lists.
extension ConfigurationReader {
    /// An integer; nil where there is none.
    package func optionalInt(_ key: String, in range: ClosedRange<Int>) -> Int? {
        guard let text = optionalString(key) else { return nil }
        guard let value = Int(text), !text.hasPrefix("+") else {
            report(key, "must be an integer")
            return nil
        }
        guard range.contains(value) else {
            report(key, Self.outside("\(range.lowerBound)", "\(range.upperBound)", isOpen: range.upperBound == .max))
            return nil
        }
        return value
    }

    /// An integer with a default.
    package func int(_ key: String, default value: Int, in range: ClosedRange<Int>) -> Int {
        optionalInt(key, in: range) ?? value
    }

    /// A decimal number with a default.
    package func number(_ key: String, default value: Double, in range: ClosedRange<Double>) -> Double {
        guard let text = optionalString(key) else { return value }
        guard let first = text.utf8.first, KeySpelling.isDigit(first) || text.hasPrefix("-"), let number = Double(text),
            number.isFinite
        else {
            report(key, "must be a number")
            return value
        }
        guard range.contains(number) else {
            report(key, Self.outside("\(range.lowerBound)", "\(range.upperBound)", isOpen: false))
            return value
        }
        return number
    }

    /// `true`, `yes`, `y`, `on` or `false`, `no`, `n`, `off` in any case; nil where there is none.
    package func optionalBool(_ key: String) -> Bool? {
        guard let text = optionalString(key) else { return nil }
        switch text.lowercased() {
        case "true", "yes", "y", "on": return true
        case "false", "no", "n", "off": return false
        default:
            report(key, "must be true or false")
            return nil
        }
    }

    /// A switch with a default.
    package func bool(_ key: String, default value: Bool) -> Bool { optionalBool(key) ?? value }

    /// A duration; nil where there is none, or `off`.
    package func optionalDuration(
        _ key: String,
        in range: ClosedRange<Duration> = .zero...DurationText.longest
    ) -> Duration? {
        guard let text = optionalString(key), text.lowercased() != "off" else { return nil }
        return parsedDuration(key, text, range)
    }

    /// A duration with a default, which may be nil; `off` is nil too.
    package func duration(
        _ key: String,
        defaultOrOff value: Duration?,
        in range: ClosedRange<Duration> = .zero...DurationText.longest
    ) -> Duration? {
        has(key) ? optionalDuration(key, in: range) : value
    }

    /// A duration with a default.
    package func duration(
        _ key: String,
        default value: Duration,
        in range: ClosedRange<Duration> = .zero...DurationText.longest
    ) -> Duration {
        guard let text = optionalString(key) else { return value }
        return parsedDuration(key, text, range) ?? value
    }

    private func parsedDuration(_ key: String, _ text: String, _ range: ClosedRange<Duration>) -> Duration? {
        do throws(DurationText.Refusal) {
            let duration = try DurationText.parse(text)
            if range.contains(duration) { return duration }
            let bounds = (DurationText.format(range.lowerBound), DurationText.format(range.upperBound))
            report(key, Self.outside(bounds.0, bounds.1, isOpen: range.upperBound == DurationText.longest))
        } catch {
            report(key, error.message)
        }
        return nil
    }

    /// A number of bytes with a default.
    package func byteSize(_ key: String, default value: Int, in range: ClosedRange<Int>) -> Int {
        guard let text = optionalString(key) else { return value }
        guard let size = ByteSizeText.parse(text) else {
            report(key, "is no size; write for example 65536, 64KiB, 4MiB or 1GiB")
            return value
        }
        guard range.contains(size) else {
            let bounds = (ByteSizeText.format(range.lowerBound), ByteSizeText.format(range.upperBound))
            report(key, Self.outside(bounds.0, bounds.1, isOpen: range.upperBound == .max))
            return value
        }
        return size
    }

    /// A word out of a fixed set, in any case; nil where there is none.
    package func optionalChoice<Choice: ConfigurationChoice>(_ key: String, _ type: Choice.Type) -> Choice? {
        guard let text = optionalString(key) else { return nil }
        let wanted = text.lowercased()
        if let found = Choice.allCases.first(where: { $0.rawValue.lowercased() == wanted }) { return found }
        let words = Choice.allCases.map(\.rawValue)
        report(
            key,
            "must be one of \(words.joined(separator: ", "))",
            suggestion: NearestKey.find(text, among: words)
        )
        return nil
    }

    /// A word out of a fixed set with a default.
    package func choice<Choice: ConfigurationChoice>(_ key: String, default value: Choice) -> Choice {
        optionalChoice(key, Choice.self) ?? value
    }

    /// Texts: a list, or one text with commas. Nil where there is none.
    package func optionalStrings(_ key: String) -> [String]? {
        guard let node = node(key) else { return nil }
        switch node.content {
        case .sequence(let elements):
            return elements.compactMap { element -> String? in
                guard let text = element.scalar?.string() else {
                    problems.add("must be a text, and is \(element.kindName)", at: element.origin, path: element.path)
                    return nil
                }
                return text
            }
        case .scalar(let text):
            guard let string = text.string() else {
                report(key, "is not UTF-8 text")
                return nil
            }
            return string.split(separator: ",").compactMap { part in
                let trimmed = part.trimmingSpaces
                return trimmed.isEmpty ? nil : String(trimmed)
            }
        case .mapping, .null:
            report(key, "must be a list, and is \(node.kindName)")
            return nil
        }
    }

    /// Texts with a default.
    package func strings(_ key: String, default value: [String] = []) -> [String] { optionalStrings(key) ?? value }

    /// Texts under free names, whose spelling is kept.
    package func stringMap(_ key: String) -> [String: String] {
        guard let node = node(key) else { return [:] }
        guard case .mapping(let entries) = node.content else {
            report(key, "must be a mapping of names, and is \(node.kindName)")
            return [:]
        }
        var map: [String: String] = [:]
        for entry in entries {
            if entry.value.isNull {
                map[entry.key] = ""
            } else if let text = entry.value.scalar?.string() {
                map[entry.key] = text
            } else {
                problems.add(
                    "must be a text, and is \(entry.value.kindName)",
                    at: entry.value.origin,
                    path: entry.value.path
                )
            }
        }
        return map
    }

    private static func outside(_ lower: String, _ upper: String, isOpen: Bool) -> String {
        isOpen ? "must be at least \(lower)" : "must be between \(lower) and \(upper)"
    }
}

extension Substring {
    /// Without spaces and tabs at both ends.
    var trimmingSpaces: Substring {
        var part = self
        while let first = part.first, first == " " || first == "\t" { part.removeFirst() }
        while let last = part.last, last == " " || last == "\t" { part.removeLast() }
        return part
    }
}
