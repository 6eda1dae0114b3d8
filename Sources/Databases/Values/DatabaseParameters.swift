package import SecretMemory

/// The parameters of one statement, in their order. All of them are kept in locked memory and wiped with it, since some may be
/// secret.
package struct DatabaseParameters: ~Copyable {
    /// Bytes of all parameters together.
    package static let maximumBytes = 2 << 20
    /// Parameters of a statement.
    package static let maximumCount = 1000

    package enum Kind: Sendable {
        case text
        /// Eight bytes, the highest first.
        case number
        case bytes
    }

    /// Where a parameter lies in ``bytes``.
    package struct Slot: Sendable {
        package var kind: Kind
        /// nil for NULL.
        package var range: Range<Int>?
    }

    package private(set) var slots: [Slot] = []
    package private(set) var bytes = SecretBuffer(limit: maximumBytes, account: .store)
    /// Why a parameter could not be taken; the statement is refused with it.
    package private(set) var failure: DatabaseError?

    package init() {}

    package mutating func append(_ text: String?) {
        guard let text else { return append(Slot(kind: .text, range: nil)) }
        append(text.utf8Span.span, kind: .text)
    }

    package mutating func append(_ number: Int64?) {
        guard let number else { return append(Slot(kind: .number, range: nil)) }
        let bigEndian = (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - $0 * 8)) }
        append(bigEndian.span, kind: .number)
    }

    /// Bytes, which are copied from where they are into locked memory and nowhere else on this side.
    package mutating func append(_ bytes: Span<UInt8>) { append(bytes, kind: .bytes) }

    package mutating func appendNullBytes() { append(Slot(kind: .bytes, range: nil)) }

    private mutating func append(_ value: Span<UInt8>, kind: Kind) {
        let start = bytes.count
        guard value.count <= Self.maximumBytes - start else {
            failure = DatabaseError(.tooLarge, "the parameters have more than \(Self.maximumBytes) bytes")
            return
        }
        do throws(MemoryError) { try bytes.append(value) } catch {
            failure = DatabaseError(.memory, "there is no locked memory for a statement's parameters")
            return
        }
        append(Slot(kind: kind, range: start..<(start + value.count)))
    }

    private mutating func append(_ slot: Slot) {
        guard slots.count < Self.maximumCount else {
            failure = DatabaseError(.tooLarge, "a statement has more than \(Self.maximumCount) parameters")
            return
        }
        slots.append(slot)
    }
}
