internal import SecretMemory

/// The parameters of one statement, `$1` first. All of them are kept in locked memory and wiped with it, since some may be
/// secret.
package struct PostgreSQLParameters: ~Copyable {
    /// Bytes of all parameters together.
    package static let maximumBytes = 4 << 20
    /// Parameters of a statement.
    package static let maximumCount = 1000

    /// Where a parameter lies in ``bytes``, and its type's number in the server's catalogue.
    struct Slot {
        var type: UInt32
        /// nil for NULL.
        var range: Range<Int>?
    }

    private(set) var slots: [Slot] = []
    private(set) var bytes = SecretBuffer(limit: maximumBytes, account: .store)
    /// Why a parameter could not be taken; the statement is refused with it.
    private(set) var failure: PostgreSQLError?

    package init() {}

    package mutating func append(_ text: String?) {
        guard let text else { return append(Slot(type: PostgreSQLType.text, range: nil)) }
        append(text.utf8Span.span, type: PostgreSQLType.text)
    }

    package mutating func append(_ number: Int64?) {
        guard let number else { return append(Slot(type: PostgreSQLType.int8, range: nil)) }
        let bigEndian = (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - $0 * 8)) }
        append(bigEndian.span, type: PostgreSQLType.int8)
    }

    /// Bytes, which are copied from where they are into locked memory and nowhere else on this side.
    package mutating func append(_ bytes: Span<UInt8>) { append(bytes, type: PostgreSQLType.bytea) }

    package mutating func appendNullBytes() { append(Slot(type: PostgreSQLType.bytea, range: nil)) }

    private mutating func append(_ value: Span<UInt8>, type: UInt32) {
        let start = bytes.count
        guard value.count <= Self.maximumBytes - start else {
            failure = PostgreSQLError(.tooLarge, "the parameters have more than \(Self.maximumBytes) bytes")
            return
        }
        do throws(MemoryError) { try bytes.append(value) } catch {
            failure = PostgreSQLError(.memory, "there is no locked memory for a statement's parameters")
            return
        }
        append(Slot(type: type, range: start..<(start + value.count)))
    }

    private mutating func append(_ slot: Slot) {
        guard slots.count < Self.maximumCount else {
            failure = PostgreSQLError(.tooLarge, "a statement has more than \(Self.maximumCount) parameters")
            return
        }
        slots.append(slot)
    }
}

/// Numbers of types in the server's catalogue, which are the same in all servers.
enum PostgreSQLType {
    static let bool: UInt32 = 16
    static let bytea: UInt32 = 17
    static let name: UInt32 = 19
    static let int8: UInt32 = 20
    static let int2: UInt32 = 21
    static let int4: UInt32 = 23
    static let text: UInt32 = 25
    static let varchar: UInt32 = 1043
    static let timestamptz: UInt32 = 1184
}
