internal import ArgumentParser
internal import TacitClient

/// `tacit whoami`
struct WhoAmICommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "whoami",
        abstract: "Print what the agent makes of your certificate.",
        discussion: """
            EXAMPLE
              tacit whoami --certificate worker.crt --private-key worker.key --ca ca.crt
            """
    )

    @OptionGroup var format: FormatArguments
    @OptionGroup(title: "Client options") var client: ClientArguments

    func run() throws {
        var client = try client.client()
        let caller = try client.whoAmI()
        client.close()
        try StandardOutput.write(format.json ? json(caller).encoded + "\n" : TextTable.facts(facts(caller)))
    }

    private func facts(_ caller: CallerIdentity) -> [(String, String)] {
        var facts = [
            ("Identity", caller.identity), ("Service", caller.service.isEmpty ? "-" : caller.service),
            ("Tenant", caller.tenant.isEmpty ? "-" : caller.tenant),
            ("Certificate", "valid until \(TimeText.utc(milliseconds: caller.certificateExpiresAt))"),
        ]
        let peer = [caller.peerUID.map { "user \($0)" }, caller.peerPID.map { "process \($0)" }].compactMap { $0 }
        if !peer.isEmpty { facts.append(("Peer", peer.joined(separator: ", "))) }
        facts.append(("Isolation", caller.deniedServices.isEmpty ? "-" : "denies \(list(caller.deniedServices))"))
        facts.append(("Grants", caller.grants.isEmpty ? "none" : caller.grants.map(line).joined(separator: "\n")))
        return facts
    }

    private func line(_ grant: CallerIdentity.Grant) -> String {
        "\(list(grant.operations)) of \(list(grant.keys)) in \(list(grant.namespaces)), tenant \(list(grant.tenants)) (by \(grant.rule))"
    }

    private func list(_ words: [String]) -> String { words.joined(separator: ", ") }

    private func json(_ caller: CallerIdentity) -> JSONValue {
        .object([
            ("identity", .text(caller.identity)),
            ("service", .text(caller.service)),
            ("tenant", .text(caller.tenant)),
            ("certificate_expires_at_ms", .number(caller.certificateExpiresAt)),
            ("peer_uid", caller.peerUID.map { .number(Int64($0)) } ?? .none),
            ("peer_pid", caller.peerPID.map { .number(Int64($0)) } ?? .none),
            ("denied_services", .texts(caller.deniedServices)),
            (
                "grants",
                .list(
                    caller.grants.map { grant in
                        .object([
                            ("rule", .text(grant.rule)),
                            ("namespaces", .texts(grant.namespaces)),
                            ("keys", .texts(grant.keys)),
                            ("operations", .texts(grant.operations)),
                            ("tenants", .texts(grant.tenants)),
                        ])
                    }
                )
            ),
        ])
    }
}
