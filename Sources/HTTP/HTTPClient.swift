internal import EventLoop
internal import SecretMemory

/// Requests with the settings of one scope. Its connections are its own: no other client ever uses them.
///
/// Any number of tasks may send at the same time; the work is done by the engine's one thread.
package final class HTTPClient: Sendable {
    package let settings: HTTPClientSettings
    private let engine: HTTPEngine
    private let connections: ConnectionPool

    /// Opens nothing yet.
    ///
    /// - Throws: where the engine cannot be started.
    package init(_ settings: HTTPClientSettings) throws(HTTPFailure) {
        self.settings = settings
        engine = try HTTPEngine.shared.get()
        connections = ConnectionPool(settings)
    }

    deinit { close() }

    /// Sends a request and waits for the whole answer, whatever its status. A task that is cancelled ends the transfer.
    package func send(_ request: HTTPRequest) async throws(HTTPFailure) -> HTTPResponse {
        try check(request)
        let call = PendingCall<HTTPResponse, HTTPFailure>()
        let transfer = Transfer(request, settings: settings, pool: connections, call: call)
        engine.start(transfer)
        // This thread made the request, with a credential and perhaps a value, and may now rest for long.
        Hardening.scrubStack()
        await withTaskCancellationHandler {
            await withCheckedContinuation { call.wait($0) }
        } onCancel: {
            call.fail(.cancelled)
            engine.cancel(transfer)
        }
        return try call.take()
    }

    /// Ends what is under way and closes all connections.
    package func close() { engine.close(connections) }

    private func check(_ request: HTTPRequest) throws(HTTPFailure) {
        let address: HTTPAddress
        do throws(HTTPAddress.Refusal) { address = try HTTPAddress(request.url) } catch {
            throw .invalid(detail: "the address of a request: \(error)")
        }
        if !address.isSecure, !address.isLoopback, !settings.allowsPlainHTTP, !request.isToMetadataService {
            throw .invalid(
                detail: """
                    \(address.origin) would be asked without TLS, so that everybody on the way could read the secrets; \
                    use https://, or set allow-plain-http: true
                    """
            )
        }
        for header in request.headers {
            guard Self.isToken(header.name), header.value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f || $0 == 0x09 })
            else {
                throw .invalid(detail: "a header named \(header.name.debugDescription) cannot be sent")
            }
        }
        for header in request.secretHeaders {
            let isClean = header.value.withBytes { value in
                value.indices.allSatisfy { value[$0] >= 0x20 && value[$0] != 0x7f }
            }
            guard Self.isToken(header.name), isClean else {
                throw .invalid(
                    detail:
                        "the credential for the header \(header.name) holds a line break or another control character"
                )
            }
        }
    }

    private static func isToken(_ name: String) -> Bool {
        !name.isEmpty
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }
}
