internal import ArgumentParser

/// `tacit certs`
struct CertsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "certs",
        abstract: "A certificate authority for development, and a readable view of certificates.",
        discussion: """
            EXAMPLE
              tacit certs init --trust-domain example.org
              tacit certs issue agent --identity spiffe://example.org/agent --dns localhost --ip 127.0.0.1
              tacit certs issue worker --identity spiffe://example.org/tenant/main/service/worker
              tacit certs show certs/worker.crt
            """,
        subcommands: [CertsInitCommand.self, CertsIssueCommand.self, CertsRevokeCommand.self, CertsShowCommand.self]
    )
}
