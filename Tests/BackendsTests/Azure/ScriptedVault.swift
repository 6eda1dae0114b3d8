import Configuration
import Foundation
import Secrets
import Synchronization

@testable import Backends

/// A vault and its authority on one scripted endpoint, for what no well-behaved service does.
///
/// The vault is `acme.vault.localhost`, so that its service is `vault.localhost` and the check of the resource has something
/// to check.
struct ScriptedVault {
    typealias Reply = ScriptedEndpoint.Reply
    typealias Request = ScriptedEndpoint.Request

    static let resource = "http://vault.localhost"
    let endpoint: ScriptedEndpoint
    let backend: any SecretBackend
    let notices = NoticeLog()
    let time = VaultTime()

    /// - Parameters:
    ///   - challenge: what a request without a token, or with another than the newest, is answered with.
    ///   - section: more lines of the configuration.
    ///   - answer: of the vault to requests that have the newest token.
    init(
        challenge: String? = nil,
        section: String = "",
        readOnly: Bool = false,
        answer: @escaping @Sendable (Request) -> Reply
    ) throws {
        let header = challenge ?? Self.challenge()
        let granted = Mutex(0)
        endpoint = try ScriptedEndpoint { request in
            if request.path.contains("/oauth2/v2.0/token") {
                let number = granted.withLock { number in
                    number += 1
                    return number
                }
                return .json(#"{"token_type":"Bearer","expires_in":3599,"access_token":"made-up-\#(number)"}"#)
            }
            let newest = "Bearer made-up-\(granted.withLock { $0 })"
            if request.headers["authorization"] == newest, newest != "Bearer made-up-0" { return answer(request) }
            return .json(401, #"{"error":{"code":"Unauthorized","message":"AKV10000"}}"#, ["WWW-Authenticate": header])
        }
        backend = try AzureScene.backend(
            """
            key-vault-uri: http://acme.vault.localhost:\(endpoint.port)
            authority-host: \(endpoint.address)
            client-secret:
              tenant-id: \(AzureScene.tenant)
              client-id: \(AzureScene.client)
              client-secret: made-up
            \(section)
            """,
            readOnly: readOnly,
            notices: notices,
            time: time.source
        )
    }

    static func challenge(
        resource: String = resource,
        tenant: String = AzureScene.tenant,
        more: String = ""
    ) -> String {
        #"Bearer authorization="https://login.windows.net/\#(tenant)", resource="\#(resource)"\#(more)"#
    }

    /// The requests to the vault, without those to the authority.
    var asked: [Request] { endpoint.requests.filter { !$0.path.contains("/oauth2/") } }
    var granted: [Request] { endpoint.requests.filter { $0.path.contains("/oauth2/") } }

    /// A secret as the vault gives it.
    static func bundle(
        _ name: String,
        value: String? = nil,
        tags: [String: String] = [:],
        attributes: String = #""enabled":true"#,
        more: String = ""
    ) -> String {
        let labels = tags.map { #""\#($0.key)":"\#($0.value)""# }.joined(separator: ",")
        let content = value.map { #""value":"\#($0)","# } ?? ""
        let version = value == nil ? "" : "/4387e9f3d6e14c459867679a90fd0f79"
        return """
            {\(content)"id":"https://acme.vault.localhost/secrets/\(name)\(version)",\
            "attributes":{\(attributes)},"tags":{\(labels)}\(more)}
            """
    }

    static func error(_ code: String, _ inner: String? = nil) -> String {
        let nested = inner.map { #","innererror":{"code":"\#($0)"}"# } ?? ""
        return #"{"error":{"code":"\#(code)","message":"made up"\#(nested)}}"#
    }

    static let missing = Reply.json(404, error("SecretNotFound"))

    /// The vault's name and the tags of a secret of the agent's own.
    static func own(_ name: SecretName) throws -> (name: String, tags: [String: String]) {
        let naming = SecretNaming(prefix: nil)
        let tags = try SecretTags(for: SecretWrite(name: name), prefix: naming.prefix, defaults: [:])
        return (try naming.vaultName(of: name) ?? "", tags.all)
    }
}
