import SecretMemory
import TacitClient

extension TacitClient {
    mutating func write(_ key: String, _ namespace: String, _ value: [UInt8]) throws(ClientError) {
        _ = try put(key, in: namespace, value: value.span, tags: ["of": "test"])
    }

    /// Always from the secrets manager, so that the value's time begins anew.
    mutating func read(_ key: String, _ namespace: String, _ expected: [UInt8]) throws {
        try Expected.value(get(Reference(key, in: namespace, maximumAge: .zero)).value, expected)
    }
}

/// What clients expect of an agent; anything else ends a test.
enum Expected {
    static func value(_ value: borrowing SecretBytes, _ expected: [UInt8]) throws {
        let isEqual = value.withBytes { bytes in
            bytes.count == expected.count && bytes.indices.allSatisfy { bytes[$0] == expected[$0] }
        }
        guard isEqual else { throw Programs.Failure("a value is not the one that was stored") }
    }

    static func refusal(_ body: () throws -> Void) throws {
        do { try body() } catch ClientError.refused { return }
        throw Programs.Failure("a request was not refused")
    }
}
