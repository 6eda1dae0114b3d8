internal import SecretMemory

/// Finds one top-level field of a JSON object without taking the object apart, and writes its value: a scalar as its text, an
/// object or array as compact JSON. Works in place on the secret's bytes and copies nothing but the answer.
public struct JSONField: Equatable, Sendable {
    /// Why there is no field.
    public enum Failure: Error, Equatable, Sendable {
        /// The value is not a JSON object, or broken.
        case notObject
        /// There is no such field.
        case missing
    }

    enum Kind: Equatable, Sendable { case string, plain, structure }

    /// Deepest nesting that is read; more counts as broken.
    public static let maximumDepth = 64

    private let kind: Kind
    /// Where the value stands in the document; a string without its quotes.
    private let range: Range<Int>
    /// Bytes that ``write(from:into:)`` writes.
    public let byteCount: Int

    /// Finds `name` in `document`. Where it stands twice, the last one counts, as in most parsers.
    public init(_ name: Span<UInt8>, in document: Span<UInt8>) throws(Failure) {
        var scanner = JSONScanner(document)
        var found: (kind: Kind, range: Range<Int>)?
        do throws(JSONScanner.Malformed) {
            found = try scanner.findField(name)
        } catch {
            throw .notObject
        }
        guard let found else { throw .missing }
        kind = found.kind
        range = found.range
        switch kind {
        case .plain: byteCount = range.count
        case .string:
            var count = 0
            Self.unescape(document, found.range) { _ in count += 1 }
            byteCount = count
        case .structure:
            var count = 0
            Self.compact(document, found.range) { _ in count += 1 }
            byteCount = count
        }
    }

    /// Writes exactly ``byteCount`` bytes of the same `document` that the field was found in.
    public func write(from document: Span<UInt8>, into output: inout OutputSpan<UInt8>) {
        switch kind {
        case .plain: output.append(contentsOf: document.extracting(range))
        case .string: Self.unescape(document, range) { output.append($0) }
        case .structure: Self.compact(document, range) { output.append($0) }
        }
    }

    /// The scanner has already checked every escape.
    static func unescape(_ document: Span<UInt8>, _ range: Range<Int>, _ emit: (UInt8) -> Void) {
        var index = range.lowerBound
        while index < range.upperBound {
            let byte = document[index]
            index += 1
            guard byte == UInt8(ascii: "\\") else {
                emit(byte)
                continue
            }
            let escape = document[index]
            index += 1
            switch escape {
            case UInt8(ascii: "b"): emit(0x08)
            case UInt8(ascii: "f"): emit(0x0c)
            case UInt8(ascii: "n"): emit(0x0a)
            case UInt8(ascii: "r"): emit(0x0d)
            case UInt8(ascii: "t"): emit(0x09)
            case UInt8(ascii: "u"):
                var scalar = hex(document, index)
                index += 4
                if scalar >= 0xd800, scalar < 0xdc00 {
                    scalar = 0x10000 + (scalar - 0xd800) << 10 + (hex(document, index + 2) - 0xdc00)
                    index += 6
                }
                emitUTF8(scalar, emit)
            default: emit(escape)
            }
        }
    }

    private static func hex(_ document: Span<UInt8>, _ start: Int) -> UInt32 {
        var value: UInt32 = 0
        for index in start..<(start + 4) { value = value << 4 | UInt32(JSONScanner.hexDigit(document[index]) ?? 0) }
        return value
    }

    private static func emitUTF8(_ scalar: UInt32, _ emit: (UInt8) -> Void) {
        switch scalar {
        case ..<0x80: emit(UInt8(scalar))
        case ..<0x800:
            emit(UInt8(0xc0 | scalar >> 6))
            emit(UInt8(0x80 | scalar & 0x3f))
        case ..<0x10000:
            emit(UInt8(0xe0 | scalar >> 12))
            emit(UInt8(0x80 | scalar >> 6 & 0x3f))
            emit(UInt8(0x80 | scalar & 0x3f))
        default:
            emit(UInt8(0xf0 | scalar >> 18 & 0x07))
            emit(UInt8(0x80 | scalar >> 12 & 0x3f))
            emit(UInt8(0x80 | scalar >> 6 & 0x3f))
            emit(UInt8(0x80 | scalar & 0x3f))
        }
    }

    static func compact(_ document: Span<UInt8>, _ range: Range<Int>, _ emit: (UInt8) -> Void) {
        var inString = false
        var index = range.lowerBound
        while index < range.upperBound {
            let byte = document[index]
            if inString {
                emit(byte)
                if byte == UInt8(ascii: "\\") {
                    index += 1
                    emit(document[index])
                } else if byte == UInt8(ascii: "\"") {
                    inString = false
                }
            } else if !JSONScanner.isSpace(byte) {
                emit(byte)
                inString = byte == UInt8(ascii: "\"")
            }
            index += 1
        }
    }
}
