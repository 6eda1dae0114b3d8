import Foundation
import ManagerFakes

extension ManagerSetup {
    /// A key that is exchanged, a key that signs tokens by itself, and what is found: a login of gcloud, a federated identity
    /// with a client's secret, a login that acts as a service account, the machine.
    static func google(in workspace: Workspace) throws -> ManagerSetup {
        let fake = try fake(.google)
        func detail(_ name: String) -> String { fake.details[name] ?? "" }
        func members(_ name: String) throws -> [String: Any] {
            let data = try Data(contentsOf: URL(fileURLWithPath: detail(name)))
            return try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
        }
        func canary(_ name: String, _ members: [String: Any], _ member: String) -> Canary {
            Canary(name, (members[member] as? String ?? "").utf8)
        }
        let person = try members("authorized-user-file")
        var federated = try members("external-account-file")
        let client = Canary("client secret of a federation")
        federated["client_id"] = "client"
        federated["client_secret"] = client.text
        let impersonated = try members("impersonated-service-account-file")
        let subject = try Canary(
            "token of a federation",
            Data(contentsOf: URL(fileURLWithPath: detail("subject-token-file")))
        )
        let login = [
            canary("client secret of gcloud", person, "client_secret"),
            canary("refresh token", person, "refresh_token"),
        ]
        let folder = workspace.path("gcloud")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        let found = folder + "/application_default_credentials.json"
        func turn(
            _ file: [String: Any]?,
            _ canaries: [Canary],
            first: @escaping @Sendable () throws -> Void = {}
        ) throws -> Turn {
            let content = try file.map { try JSONSerialization.data(withJSONObject: $0) }
            return Turn(found: canaries) {
                try first()
                if let content {
                    try content.write(to: URL(fileURLWithPath: found))
                } else {
                    try FileManager.default.removeItem(atPath: found)
                }
                try fake.command("expire-tokens")
            }
        }
        let key = "service-account-file: '\(detail("service-account-file"))'"
        var setup = ManagerSetup(
            fake,
            keys: [
                "endpoint-override: '\(fake.address)'", "token-hosts: [localhost]", "project: '\(detail("project"))'",
            ],
            logins: [
                Login(name: "key", keys: [key]), Login(name: "signing", keys: [key, "self-signed-tokens: true"]),
                Login(name: "found", keys: []),
            ],
            loginPath: "/token",
            configured: try privateKey(members("service-account-file")),
            turns: [
                try turn(person, login) { try fake.command("tokens", ["lifetime": 1]) },
                try turn(federated, [client, subject]) { try fake.letTokensBeRenewed() },
                try turn(impersonated, login), try turn(nil, []),
            ]
        )
        setup.variables = ["CLOUDSDK_CONFIG": folder, "GCE_METADATA_HOST": detail("metadata-host")]
        return setup
    }

    /// The private parts of a key as files have them, and as a library for large numbers does: the other way round.
    private static func privateKey(_ members: [String: Any]) throws -> [Canary] {
        let pem = (members["private_key"] as? String ?? "").split(separator: "\n").filter { !$0.hasPrefix("-----") }
        guard let key = Data(base64Encoded: pem.joined()),
            let exponent = key.firstRange(of: Data([0x02, 0x03, 0x01, 0x00, 0x01]))
        else { throw Programs.Failure("the fake's key is none that is known here") }
        // Modulus and public exponent come first.
        let privateParts = key[exponent.upperBound...]
        return [Canary("private key", privateParts), Canary("private key, reversed", privateParts.reversed())]
    }
}
