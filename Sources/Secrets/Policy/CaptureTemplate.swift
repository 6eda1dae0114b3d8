/// A field of a rule in which `{tenant}`, `{service}` and `{namespace}` stand for what the identity says.
///
/// Filled in one pass, so that what was captured is never read as a pattern or as another capture.
struct CaptureTemplate: Sendable, Equatable {
    private enum Part: Sendable, Equatable {
        case text(String)
        case capture(String)
    }

    private let parts: [Part]

    /// Braces around any other word stand for themselves.
    init(_ text: String) {
        var parts: [Part] = []
        var plain: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.first {
            if byte == UInt8(ascii: "{"), let name = CaptureTemplate.captureName(at: rest) {
                if !plain.isEmpty { parts.append(.text(String(decoding: plain, as: UTF8.self))) }
                plain = []
                parts.append(.capture(name))
                rest = rest.dropFirst(name.utf8.count + 2)
            } else {
                plain.append(byte)
                rest = rest.dropFirst()
            }
        }
        if !plain.isEmpty { parts.append(.text(String(decoding: plain, as: UTF8.self))) }
        self.parts = parts
    }

    private static func captureName(at text: Substring.UTF8View) -> String? {
        IdentityPattern.captureNames.first { text.starts(with: "{\($0)}".utf8) }
    }

    /// The captures that it uses.
    var captures: [String] { parts.compactMap { if case .capture(let name) = $0 { name } else { nil } } }

    /// Whether it is one capture and nothing else.
    var isOneCapture: Bool { parts.count == 1 && captures.count == 1 }

    /// Whether a brace is left that belongs to no capture.
    var hasStrayBrace: Bool {
        parts.contains { part in
            guard case .text(let text) = part else { return false }
            return text.utf8.contains { $0 == UInt8(ascii: "{") || $0 == UInt8(ascii: "}") }
        }
    }

    /// What the field says for one identity; nil where that says something with a `*`, which would be a pattern of its own.
    func filled(with captures: [String: String]) -> String? {
        var text = ""
        for part in parts {
            switch part {
            case .text(let plain): text += plain
            case .capture(let name):
                guard let value = captures[name], !value.utf8.contains(UInt8(ascii: "*")) else { return nil }
                text += value
            }
        }
        return text
    }

    /// The field with a plain word for each capture, to check its form before any peer is known.
    var sample: String { filled(with: ["tenant": "x", "service": "x", "namespace": "x"]) ?? "" }
}
