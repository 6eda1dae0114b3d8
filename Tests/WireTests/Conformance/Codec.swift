import Foundation
import SwiftProtobuf
import Testing

@testable import Wire

/// One message of the protocol: how this package reads and writes it, and how swift-protobuf does.
struct Codec: Sendable, CustomTestStringConvertible {
    /// The message's name in `proto/`.
    let name: String
    /// Whether it has a map, which swift-protobuf reads differently where an entry's field has an unexpected wire type.
    let hasMap: Bool
    /// Decodes and encodes with this package.
    let ours: @Sendable ([UInt8]) throws -> [UInt8]
    /// Decodes and encodes with swift-protobuf: known fields only, maps in order.
    let theirs: @Sendable ([UInt8]) throws -> [UInt8]
    /// A message with random fields, as swift-protobuf writes it.
    let random: @Sendable (inout SeededGenerator) -> [UInt8]

    var testDescription: String { name }

    init<Reference: SwiftProtobuf.Message & RandomMessage>(
        _ type: Reference.Type,
        hasMap: Bool = false,
        ours: @escaping @Sendable ([UInt8]) throws -> [UInt8]
    ) {
        name = type.protoMessageName
        self.hasMap = hasMap
        self.ours = ours
        theirs = { bytes in
            var options = BinaryDecodingOptions()
            options.discardUnknownFields = true
            var message = try Reference(serializedBytes: bytes, options: options)
            message.canonicalize()
            return try canonicalBytes(message)
        }
        random = { generator in
            var message = Reference.random(&generator)
            message.canonicalize()
            return (try? canonicalBytes(message)) ?? []
        }
    }

    static let all: [Codec] = [
        Codec(Tacit_V1_Reference.self) { encoded(try ReferenceView(decoding: $0.span)) },
        Codec(Tacit_V1_GetSecretsRequest.self) { bytes in
            var list = try ReferenceList(decoding: bytes.span)
            var output: [UInt8] = []
            while let payload = list.next() {
                output += encodedElement(try ReferenceView(decoding: payload))
            }
            return output
        },
        Codec(Tacit_V1_Secret.self) { encoded(try SecretView(decoding: $0.span)) },
        Codec(Tacit_V1_GetSecretsResponse.self) { bytes in
            var list = try SecretResultList(decoding: bytes.span)
            var output: [UInt8] = []
            while let payload = list.next() {
                output += encodedElement(try SecretResultView(decoding: payload))
            }
            return output
        },
        Codec(Tacit_V1_ListSecretsRequest.self) { encoded(try ListSecretsView(decoding: $0.span)) },
        Codec(Tacit_V1_ListSecretsResponse.self, hasMap: true) { encoded(try ListSecretsAnswer(decoding: $0.span)) },
        Codec(Tacit_V1_PutSecretRequest.self, hasMap: true) { encoded(try PutSecretView(decoding: $0.span)) },
        Codec(Tacit_V1_PutSecretResponse.self) { encoded(try PutSecretAnswer(decoding: $0.span)) },
        Codec(Tacit_V1_DeleteSecretRequest.self) { encoded(try DeleteSecretView(decoding: $0.span)) },
        Codec(Tacit_V1_DeleteSecretResponse.self) { encoded(try EmptyMessage(decoding: $0.span)) },
        Codec(Tacit_V1_Error.self) { encoded(try ErrorPayload(decoding: $0.span)) },
        Codec(Tacit_V1_WhoAmIRequest.self) { encoded(try EmptyMessage(decoding: $0.span)) },
        Codec(Tacit_V1_WhoAmIResponse.self) { encoded(try WhoAmIAnswer(decoding: $0.span)) },
        Codec(Tacit_V1_ExplainRequest.self) { encoded(try ExplainView(decoding: $0.span)) },
        Codec(Tacit_V1_ExplainResponse.self) { encoded(try ExplainAnswer(decoding: $0.span)) },
        Codec(Tacit_V1_HealthRequest.self) { encoded(try EmptyMessage(decoding: $0.span)) },
        Codec(Tacit_V1_HealthResponse.self) { encoded(try HealthAnswer(decoding: $0.span)) },
        Codec(Tacit_V1_HeartbeatRequest.self) { encoded(try HeartbeatView(decoding: $0.span)) },
        Codec(Tacit_V1_HeartbeatResponse.self) { encoded(try HeartbeatAnswer(decoding: $0.span)) },
        Codec(Tacit_V1_WatchHealthRequest.self) { encoded(try WatchHealthView(decoding: $0.span)) },
        Codec(Tacit_V1_ListNodesRequest.self) { encoded(try ListNodesView(decoding: $0.span)) },
        Codec(Tacit_V1_ListNodesResponse.self) { encoded(try ListNodesAnswer(decoding: $0.span)) },
        Codec(Tacit_V1_EvictRequest.self) { encoded(try EvictView(decoding: $0.span)) },
        Codec(Tacit_V1_EvictResponse.self) { encoded(try EvictAnswer(decoding: $0.span)) },
    ]
}

/// A message's bytes, in a span of exactly the size that the message says.
func encoded<Message: WireMessage & ~Copyable & ~Escapable>(_ message: borrowing Message) -> [UInt8] {
    [UInt8](capacity: message.encodedSize) { message.encode(into: &$0) }
}

/// A message as field 1 of another one.
private func encodedElement<Message: WireMessage & ~Copyable & ~Escapable>(_ message: borrowing Message) -> [UInt8] {
    var counter = ByteCounter()
    counter.message(1, message)
    return [UInt8](capacity: counter.count) { $0.message(1, message) }
}

private func canonicalBytes(_ message: some SwiftProtobuf.Message) throws -> [UInt8] {
    var options = BinaryEncodingOptions()
    options.useDeterministicOrdering = true
    return try message.serializedBytes(options: options)
}
