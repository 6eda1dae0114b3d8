import SecretMemory

@testable import Wire

/// The frames that the protocol page shows, made by this package.
enum ProtocolExamples {
    static func all() throws -> [String: [UInt8]] {
        [
            "get-secret-request": try frame { buffer in
                let reference = ReferenceView(
                    namespace: "company.team".utf8.span,
                    key: "DB_PASSWORD".utf8.span,
                    maximumAge: 5000
                )
                try buffer.appendFrame(.request(.getSecret, id: 1, timeout: 2000), reference)
            },
            "get-secret-response": try frame { buffer in
                let secret = SecretView(
                    version: "3".utf8.span,
                    source: .cached,
                    age: 1500,
                    expiresIn: 58_500,
                    namespace: "company".utf8.span,
                    value: "example".utf8.span
                )
                try buffer.appendResponse(id: 1, secret)
            },
            "error-response": try frame { buffer in
                let error = ErrorPayload(reason: .keyNotFound, message: "no such key")
                try buffer.appendFailure(id: 1, .notFound, error)
            },
            "get-secrets-request": try frame { buffer in
                let place = try buffer.beginFrame(.request(.getSecrets, id: 2))
                try buffer.appendReference(ReferenceView(namespace: "company".utf8.span, key: "A".utf8.span))
                try buffer.appendReference(
                    ReferenceView(namespace: "company".utf8.span, key: "B".utf8.span, subkey: "user".utf8.span)
                )
                buffer.endFrame(begunAt: place)
            },
            "get-secrets-response": try frame { buffer in
                let place = try buffer.beginFrame(.response(id: 2))
                let secret = SecretView(
                    version: Span(),
                    source: .fresh,
                    age: 0,
                    expiresIn: nil,
                    namespace: "company".utf8.span,
                    value: "one".utf8.span
                )
                try buffer.appendResult(SecretResultView(secret))
                let error = ErrorPayload(reason: .backendUnavailable, message: "later", retryAfter: 1000)
                try buffer.appendResult(SecretResultView(.unavailable, error))
                buffer.endFrame(begunAt: place)
            },
            "put-secret-request": try frame { buffer in
                let write = PutSecretView(
                    namespace: "company".utf8.span,
                    key: "A".utf8.span,
                    value: "two".utf8.span,
                    tags: ["owner": "ops"]
                )
                try buffer.appendFrame(.request(.putSecret, id: 3), write)
            },
            "put-secret-response": try frame { try $0.appendFrame(.response(id: 3), PutSecretAnswer(version: "4")) },
            "health-request": try frame { try $0.appendFrame(.request(.health, id: 4)) },
            "cancel": try frame { try $0.appendFrame(FrameHeader(payloadCount: 0, id: 1, kind: .cancel)) },
            "ping": try frame { try $0.appendFrame(.connection(.ping), payload: [0xCA, 0xFE].span) },
            "pong": try frame { try $0.appendFrame(.connection(.pong), payload: [0xCA, 0xFE].span) },
            "goaway": try frame { buffer in
                let error = ErrorPayload(reason: .shuttingDown, message: "restart", retryAfter: 500)
                try buffer.appendFrame(.connection(.goAway), error)
            },
        ]
    }

    private static func frame(_ write: (inout SecretBuffer) throws -> Void) throws -> [UInt8] {
        var buffer = SecretBuffer(limit: 10_000)
        try write(&buffer)
        return [UInt8](capacity: buffer.count) { $0.append(contentsOf: buffer.bytes) }
    }
}
