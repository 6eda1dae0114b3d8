import Configuration
import Foundation
import HTTP
import SecretMemory
import Secrets
import Synchronization

@testable import Backends

/// What tests of this manager share.
enum AzureScene {
    static let tenant = "9a8b7c6d-1111-2222-3333-444455556666"
    static let client = "11111111-2222-3333-4444-555555555555"

    /// A backend from the text of its section.
    static func backend(
        _ section: String,
        readOnly: Bool = false,
        environment: FixedEnvironment = [:],
        notices: NoticeLog = NoticeLog(),
        time: TimeSource = .system
    ) throws -> any SecretBackend {
        try ConfiguredBackend(
            type: "azure-key-vault",
            section: section,
            readOnly: readOnly,
            environment: environment,
            notices: notices.handler,
            time: time
        ).make()
    }

    static func secret(_ text: String) throws -> SharedSecret {
        SharedSecret(try SecretBytes(copying: text.utf8Span.span, account: .general))
    }

    static func text(_ secret: SharedSecret) -> String {
        secret.withBytes { bytes in
            var text: [UInt8] = []
            for index in bytes.indices { text.append(bytes[index]) }
            return String(decoding: text, as: UTF8.self)
        }
    }

    static func web() throws -> WebService { WebService(try HTTPClient(HTTPClientSettings())) }
}

/// Time that passes only where somebody sleeps.
final class VaultTime: Sendable {
    private let elapsed = Mutex(Int64(0))
    private let start = BootInstant.now
    /// Lets time pass elsewhere too.
    private let passing: @Sendable (Duration) -> Void
    /// Milliseconds since 1970 at the beginning.
    let wall: Int64

    init(wall: Int64 = 1_795_339_815_000, passing: @escaping @Sendable (Duration) -> Void = { _ in }) {
        self.wall = wall
        self.passing = passing
    }

    var slept: Duration { .nanoseconds(elapsed.withLock { $0 }) }

    func pass(_ duration: Duration) {
        elapsed.withLock { $0 += duration.nanoseconds }
        passing(duration)
    }

    var source: TimeSource {
        TimeSource(
            now: { self.start.advanced(by: self.elapsed.withLock { $0 }) },
            wall: { self.wall + self.elapsed.withLock { $0 } / 1_000_000 },
            sleep: { duration in
                try Task.checkCancellation()
                // What waits for hours is a renewal in the background, for which no test waits.
                if duration > .seconds(300) { try await Task.sleep(for: duration) }
                self.pass(duration)
            }
        )
    }
}
