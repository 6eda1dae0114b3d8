import Foundation
import SwiftProtobuf

@testable import Wire

/// A message of swift-protobuf with random fields.
protocol RandomMessage {
    static func random(_ generator: inout SeededGenerator) -> Self
    /// Gives fields the form in which this package writes them, where more than one form means the same.
    mutating func canonicalize()
}

extension RandomMessage {
    mutating func canonicalize() {}
}

extension Tacit_V1_Error: RandomMessage {
    static func random(_ generator: inout SeededGenerator) -> Self {
        .with {
            $0.reason = generator.text()
            $0.message = generator.text()
            $0.retryAfterMs = generator.number()
        }
    }
}

extension Tacit_V1_Reference: RandomMessage {
    static func random(_ generator: inout SeededGenerator) -> Self {
        .with {
            $0.namespace = generator.text()
            $0.key = generator.text()
            $0.subkey = generator.text()
            $0.version = generator.text()
            if generator.flag() { $0.maximumAgeMs = generator.flag() ? 0 : generator.number() }
            $0.tenant = generator.text()
        }
    }
}

extension Tacit_V1_GetSecretsRequest: RandomMessage {
    static func random(_ generator: inout SeededGenerator) -> Self {
        .with { message in
            message.references = (0..<Int.random(in: 0...5, using: &generator)).map { _ in .random(&generator) }
        }
    }
}

extension Tacit_V1_Secret: RandomMessage {
    static func random(_ generator: inout SeededGenerator) -> Self {
        .with {
            $0.version = generator.text()
            $0.source = Tacit_V1_Source(rawValue: Int.random(in: 0...3, using: &generator)) ?? .unspecified
            $0.ageMs = generator.number()
            if generator.flag() { $0.expiresInMs = generator.flag() ? 0 : generator.number() }
            $0.namespace = generator.text()
            $0.value = Data(generator.bytes(0...400))
        }
    }

    /// An unknown source is taken for none.
    mutating func canonicalize() {
        if case .UNRECOGNIZED = source { source = .unspecified }
    }
}

extension Tacit_V1_GetSecretsResponse: RandomMessage {
    static func random(_ generator: inout SeededGenerator) -> Self {
        .with { message in
            message.results = (0..<Int.random(in: 0...5, using: &generator)).map { _ in
                .with {
                    if generator.flag() {
                        $0.secret = .random(&generator)
                    } else {
                        $0.status = UInt32.random(in: 1...16, using: &generator)
                        $0.error = .random(&generator)
                    }
                }
            }
        }
    }

    /// A secret is there exactly where the status is OK.
    mutating func canonicalize() {
        for index in results.indices {
            if results[index].status == 0 {
                results[index].secret.canonicalize()
                results[index].secret = results[index].secret
            } else {
                results[index].clearSecret()
            }
        }
    }
}

extension Tacit_V1_ListSecretsRequest: RandomMessage {
    static func random(_ generator: inout SeededGenerator) -> Self {
        .with {
            $0.namespace = generator.text()
            $0.prefix = generator.text()
            $0.inherited = generator.flag()
            $0.pageToken = generator.text()
            $0.pageSize = UInt32(truncatingIfNeeded: generator.number())
            $0.tenant = generator.text()
        }
    }
}

extension Tacit_V1_ListSecretsResponse: RandomMessage {
    static func random(_ generator: inout SeededGenerator) -> Self {
        .with { message in
            message.entries = (0..<Int.random(in: 0...5, using: &generator)).map { _ in
                .with {
                    $0.namespace = generator.text()
                    $0.key = generator.text()
                    $0.version = generator.text()
                    if generator.flag() { $0.updatedAtMs = Int64(bitPattern: generator.number()) }
                    $0.description_p = generator.text()
                    $0.tags = generator.map()
                    $0.readOnly = generator.flag()
                }
            }
            message.nextPageToken = generator.text()
        }
    }
}

extension Tacit_V1_PutSecretRequest: RandomMessage {
    static func random(_ generator: inout SeededGenerator) -> Self {
        .with {
            $0.namespace = generator.text()
            $0.key = generator.text()
            $0.description_p = generator.text()
            $0.tags = generator.map()
            $0.tenant = generator.text()
            $0.value = Data(generator.bytes(0...400))
        }
    }
}

extension Tacit_V1_PutSecretResponse: RandomMessage {
    static func random(_ generator: inout SeededGenerator) -> Self { .with { $0.version = generator.text() } }
}

extension Tacit_V1_DeleteSecretRequest: RandomMessage {
    static func random(_ generator: inout SeededGenerator) -> Self {
        .with {
            $0.namespace = generator.text()
            $0.key = generator.text()
            $0.tenant = generator.text()
        }
    }
}

extension Tacit_V1_DeleteSecretResponse: RandomMessage {
    static func random(_ generator: inout SeededGenerator) -> Self { .init() }
}

extension Tacit_V1_WhoAmIRequest: RandomMessage {
    static func random(_ generator: inout SeededGenerator) -> Self { .init() }
}

extension Tacit_V1_WhoAmIResponse: RandomMessage {
    static func random(_ generator: inout SeededGenerator) -> Self {
        .with { message in
            message.identity = generator.text()
            message.service = generator.text()
            message.tenant = generator.text()
            message.grants = (0..<Int.random(in: 0...3, using: &generator)).map { _ in
                .with {
                    $0.rule = generator.text()
                    $0.namespaces = generator.texts()
                    $0.keys = generator.texts()
                    $0.operations = generator.texts()
                    $0.tenants = generator.texts()
                }
            }
            message.deniedServices = generator.texts()
            message.certificateExpiresAtMs = Int64(bitPattern: generator.number())
            if generator.flag() { message.peerUid = UInt32(truncatingIfNeeded: generator.number()) }
            if generator.flag() { message.peerPid = Int32(truncatingIfNeeded: generator.number()) }
        }
    }
}

extension Tacit_V1_ExplainRequest: RandomMessage {
    static func random(_ generator: inout SeededGenerator) -> Self {
        .with {
            $0.operation = generator.text()
            $0.namespace = generator.text()
            $0.key = generator.text()
            $0.tenant = generator.text()
        }
    }
}

extension Tacit_V1_ExplainResponse: RandomMessage {
    static func random(_ generator: inout SeededGenerator) -> Self {
        .with {
            $0.allowed = generator.flag()
            $0.reason = generator.text()
            $0.rule = generator.text()
            $0.message = generator.text()
            $0.namespaces = generator.texts()
            $0.scopes = generator.texts()
        }
    }
}

extension Tacit_V1_HealthRequest: RandomMessage {
    static func random(_ generator: inout SeededGenerator) -> Self { .init() }
}

extension Tacit_V1_HealthResponse: RandomMessage {
    static func random(_ generator: inout SeededGenerator) -> Self {
        .with { message in
            message.status = generator.text()
            message.version = generator.text()
            message.node = generator.text()
            message.parts = (0..<Int.random(in: 0...3, using: &generator)).map { _ in
                .with { part in
                    part.name = generator.text()
                    part.status = generator.text()
                    part.details = (0..<Int.random(in: 0...3, using: &generator)).map { _ in
                        .with {
                            $0.name = generator.text()
                            $0.value = generator.text()
                        }
                    }
                }
            }
        }
    }
}

extension Tacit_V1_HeartbeatRequest: RandomMessage {
    static func random(_ generator: inout SeededGenerator) -> Self {
        .with {
            $0.instance.id = generator.text()
            $0.instance.type = generator.text()
            $0.instance.state = generator.text()
            $0.heartbeatIntervalMs = generator.number()
            $0.timeoutMs = generator.number()
            if generator.flag() { $0.initialDelayMs = generator.flag() ? 0 : generator.number() }
            if generator.flag() { $0.terminationGracePeriodMs = generator.flag() ? 0 : generator.number() }
            $0.workerTaskRestartStrategy = generator.text()
        }
    }

    /// The instance is always written.
    mutating func canonicalize() { instance = instance }
}

extension Tacit_V1_HeartbeatResponse: RandomMessage {
    static func random(_ generator: inout SeededGenerator) -> Self {
        .with {
            $0.state = generator.text()
            $0.nextBeatDueMs = generator.number()
            $0.agentStatus = generator.text()
        }
    }
}

extension Tacit_V1_EvictRequest: RandomMessage {
    static func random(_ generator: inout SeededGenerator) -> Self {
        .with {
            $0.tenant = generator.text()
            $0.namespace = generator.text()
            $0.key = generator.text()
        }
    }
}

extension Tacit_V1_EvictResponse: RandomMessage {
    static func random(_ generator: inout SeededGenerator) -> Self { .with { $0.evicted = generator.number() } }
}

extension Tacit_V1_WatchHealthRequest: RandomMessage {
    static func random(_ generator: inout SeededGenerator) -> Self {
        .with { $0.intervalMs = generator.number() }
    }
}

extension Tacit_V1_ListNodesRequest: RandomMessage {
    static func random(_ generator: inout SeededGenerator) -> Self {
        .with {
            $0.after = generator.text()
            $0.pageSize = generator.number()
            $0.ended = generator.flag()
        }
    }
}

extension Tacit_V1_ListNodesResponse: RandomMessage {
    static func random(_ generator: inout SeededGenerator) -> Self {
        .with { message in
            message.nodes = (0..<Int.random(in: 0...3, using: &generator)).map { _ in .random(&generator) }
            message.next = generator.text()
            message.ownID = generator.text()
            message.ageMs = generator.number()
            message.damaged = generator.number()
        }
    }
}

extension Tacit_V1_ListNodesResponse.Node: RandomMessage {
    static func random(_ generator: inout SeededGenerator) -> Self {
        .with { node in
            node.id = generator.text()
            node.type = generator.text()
            node.state = generator.text()
            node.node = generator.text()
            node.version = generator.text()
            node.serverID = generator.text()
            node.createdAtMs = generator.number()
            node.silentMs = generator.number()
            node.timeoutMs = generator.number()
            node.listeners = (0..<Int.random(in: 0...3, using: &generator)).map { _ in generator.text() }
            node.problems = (0..<Int.random(in: 0...3, using: &generator)).map { _ in generator.text() }
        }
    }
}
