import Cryptography
import Foundation
import ManagerFakes

extension ManagerSetup {
    /// Keys of a user, and what the profile finds: a web identity, a container, an instance, a role that a user takes.
    static func aws(in workspace: Workspace) throws -> ManagerSetup {
        let fake = try fake(.aws)
        func detail(_ name: String) -> String { fake.details[name] ?? "" }
        let secretKey = Canary("secret key", detail("secret-access-key").utf8)
        let taker = try fake.command("user", ["name": "taker", "actions": ["sts:AssumeRole"]])
        let takerKey = Canary("secret key of who takes a role", (taker["secret-access-key"] as? String ?? "").utf8)
        func file(_ name: String, _ path: String) throws -> Canary {
            try Canary(name, Data(contentsOf: URL(fileURLWithPath: detail(path))))
        }
        let webIdentity = try file("web identity", "web-identity-token-file")
        // Keys of a container and of an instance take the role once more.
        try fake.command(
            "role",
            [
                "name": "agent-role", "actions": ["*", "sts:AssumeRole"], "web_identity_tokens": [webIdentity.text],
            ]
        )
        func turn(_ profile: [String], _ found: [Canary]) -> Turn {
            let lines = ["[profile agent]"] + profile + [""]
            return Turn(found: found) {
                try workspace.write("aws", lines.joined(separator: "\n"))
                for label in ["agent-role", "instance", "container"] { try fake.command("expire", ["label": label]) }
            }
        }
        let role = "role_arn = \(detail("role-arn"))"
        let takerID = taker["access-key-id"] as? String ?? ""
        var setup = ManagerSetup(
            fake,
            keys: ["endpoint-override: '\(fake.address)'", "region: '\(detail("region"))'"],
            logins: [
                Login(
                    name: "keys",
                    keys: [
                        "access-key-id: '\(detail("access-key-id"))'",
                        "secret-key-id-file: '\(try secretKey.file(in: workspace))'",
                    ]
                ), Login(name: "found", keys: []),
            ],
            loginPath: "/latest/",
            configured: [secretKey],
            turns: [
                turn(
                    [role, "web_identity_token_file = \(detail("web-identity-token-file"))"],
                    [webIdentity]
                ),
                turn(
                    [role, "credential_source = EcsContainer"],
                    [try file("container's token", "container-authorization-file")]
                ),
                turn(
                    [role, "source_profile = taker", "", "[profile taker]", "aws_access_key_id = \(takerID)"]
                        + ["aws_secret_access_key = \(takerKey.text)"],
                    [takerKey]
                ),
                turn([role, "credential_source = Ec2InstanceMetadata"], []),
            ]
        )
        setup.variables = [
            "AWS_PROFILE": "agent", "AWS_CONFIG_FILE": workspace.path("aws"), "AWS_ENDPOINT_URL_STS": fake.address,
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": detail("container-address"),
            "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": detail("container-authorization-file"),
            "AWS_EC2_METADATA_SERVICE_ENDPOINT": detail("metadata-address"),
        ]
        return setup
    }
}
