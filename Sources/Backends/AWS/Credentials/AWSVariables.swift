internal import Configuration
internal import HTTP
internal import SecretMemory
internal import Secrets

/// The process's variables as AWS's tools read them: an empty one is none.
struct AWSVariables: Sendable {
    /// Those that are secrets, and must not stay where other processes can read them.
    static let secrets = [
        accessKey, secretKey, sessionToken, oldSessionToken, "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    ]
    static let accessKey = "AWS_ACCESS_KEY_ID"
    static let secretKey = "AWS_SECRET_ACCESS_KEY"
    static let sessionToken = "AWS_SESSION_TOKEN"
    static let oldSessionToken = "AWS_SECURITY_TOKEN"

    let environment: any ConfigurationEnvironment

    func secret(_ name: String) throws(BackendError) -> SharedSecret? {
        let value = try BackendError.mappingMemory { () throws(MemoryError) in try environment.value(name) }
        return value.flatMap { $0.value.count > 0 ? $0 : nil }
    }

    /// One that is no secret.
    func string(_ name: String) throws(BackendError) -> String? {
        guard let value = try secret(name) else { return nil }
        guard let text = value.withBytes({ String(utf8: $0) }) else {
            throw .unsupported(detail: "the variable \(name) is not UTF-8")
        }
        return text
    }

    func isTrue(_ name: String) throws(BackendError) -> Bool { try string(name)?.lowercased() == "true" }

    /// A path with the home directory in place of `~`.
    func path(_ text: String) throws(BackendError) -> String? {
        guard text.hasPrefix("~/") else { return text }
        return try string("HOME").map { $0 + text.dropFirst() }
    }

    /// The address of a service of the machine that gives keys. What it is told, such as a token, must not go to strangers in
    /// clear, so without TLS only the machine itself and `plainHosts` count.
    func address(_ name: String, plainHosts: Set<String>) throws(BackendError) -> HTTPAddress? {
        guard let text = try string(name) else { return nil }
        let address: HTTPAddress
        do throws(HTTPAddress.Refusal) { address = try HTTPAddress(text) } catch {
            throw .denied(detail: "\(name) cannot be used: \(error)")
        }
        guard address.isSecure || address.isLoopback || plainHosts.contains(address.host) else {
            throw .denied(
                detail:
                    "\(name) cannot be used: without TLS only \(plainHosts.sorted().joined(separator: ", ")) and this machine are asked"
            )
        }
        return address
    }

    /// A number of seconds.
    func seconds(_ name: String, default value: Int) throws(BackendError) -> Duration {
        .seconds(min(60, max(1, try string(name).flatMap { Int($0) } ?? value)))
    }
}
