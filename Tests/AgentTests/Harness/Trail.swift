import Cryptography
import Foundation

/// The lines of an audit file.
struct Trail {
    private let lines: [String]
    let records: [[String: String]]

    init(_ text: String) {
        lines = text.split(separator: "\n").map(String.init)
        records = lines.map { line in
            let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            return (object ?? [:]).mapValues { "\($0)" }
        }
    }

    /// Records with all of these fields.
    func records(_ fields: [String: String]) -> [[String: String]] {
        records.filter { record in fields.allSatisfy { record[$0.key] == $0.value } }
    }

    /// The hash that the line after the last one must name.
    func lastHash() throws -> String {
        guard let last = lines.last else { return String(repeating: "0", count: 64) }
        return try Self.hash(last)
    }

    /// What is wrong with the chain; nil where each line names the one before it, and all are numbered.
    ///
    /// - Parameters:
    ///   - previous: what the first line must name.
    ///   - sequence: the number of the line before the first.
    func fault(after previous: String = String(repeating: "0", count: 64), sequence: Int = 0) throws -> String? {
        var previous = previous
        for (index, record) in records.enumerated() {
            if record["previous"] != previous { return "line \(index + 1) does not name the line before it" }
            if record["sequence"] != "\(sequence + index + 1)" { return "line \(index + 1) is out of order" }
            previous = try Self.hash(lines[index])
        }
        return nil
    }

    private static func hash(_ line: String) throws -> String {
        var digest = try Digest256()
        try digest.update(line.utf8.span)
        let hash = try digest.finalize()
        let digits = Array("0123456789abcdef")
        var text = ""
        for index in hash.indices {
            text.append(digits[Int(hash[index] >> 4)])
            text.append(digits[Int(hash[index] & 15)])
        }
        return text
    }
}
