internal import ArgumentParser
internal import TLS

/// `tacit certs issue`
struct CertsIssueCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "issue",
        abstract: "Issue a certificate: NAME.crt and NAME.key.",
        discussion: """
            A certificate is for clients; with --dns, --ip or --server also for an agent.

            EXAMPLE
              tacit certs issue worker --identity spiffe://example.org/tenant/main/service/worker
              tacit certs issue agent --identity spiffe://example.org/agent --dns localhost --ip 127.0.0.1
            """
    )

    @Argument(help: "The name of the files.")
    var name: String

    @Option(help: ArgumentHelp("Who it is for.", valueName: "spiffe-id"))
    var identity: String

    @OptionGroup var folder: AuthorityFolder

    @Option(help: ArgumentHelp("A host name that clients dial. May be repeated.", valueName: "name"))
    var dns: [String] = []

    @Option(help: ArgumentHelp("An address that clients dial. May be repeated.", valueName: "address"))
    var ip: [String] = []

    @Flag(help: "For an agent that listens on Unix sockets only.")
    var server = false

    @Option(help: ArgumentHelp("How long it is valid.", valueName: "number"))
    var days = LeafRequest.defaultDays

    @Flag(help: "Replace files that are there.")
    var force = false

    func validate() throws {
        guard !name.isEmpty, name != "ca", !name.contains("/"), !name.hasPrefix(".") else {
            throw ValidationError("\(name) cannot be the name of the files; it has no /, no . in front, and is not ca")
        }
    }

    func run() throws {
        let request = try LeafRequest(
            spiffeID: identity,
            dnsNames: dns,
            addresses: ip,
            purposes: server || !dns.isEmpty || !ip.isEmpty ? [.client, .server] : [.client],
            validity: .days(days)
        )
        let certificate = "\(folder.directory)/\(name).crt"
        let key = "\(folder.directory)/\(name).key"
        let issued = try folder.load().issue(request)
        try issued.save(certificate: certificate, privateKey: key, replacing: force)
        StandardError.write("made \(certificate) and \(key), for \(identity), \(days) days")
    }
}
