internal import ArgumentParser
internal import Glibc
internal import TLS

/// `tacit certs revoke`
struct CertsRevokeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: "Put certificates on the authority's revocation list: ca.crl.",
        discussion: """
            The list is what tacit.tls.revocation-list of an agent names. It goes out of date: without certificates, this \
            command only renews it.

            EXAMPLE
              tacit certs revoke certs/worker.crt
            """
    )

    @Argument(help: "Files of certificates that are to be refused from now on.", completion: .file())
    var certificates: [String] = []

    @OptionGroup var folder: AuthorityFolder

    @Option(help: ArgumentHelp("How long the list is valid.", valueName: "number"))
    var days = CertificateAuthority.revocationListDays

    func validate() throws {
        guard (1...AuthorityRequest.dayLimit).contains(days) else {
            throw ValidationError("--days is a number from 1 to \(AuthorityRequest.dayLimit)")
        }
    }

    func run() throws {
        let serials = try certificates.flatMap { file in try CertificateDescription.read(file).prefix(1).map(\.serial) }
        let list = folder.revocationList
        let isThere = unsafe access(list, F_OK) == 0
        let text = try folder.load().revocationList(
            revoking: serials,
            after: isThere ? list : nil,
            validity: .days(days)
        )
        try AtomicFile.write(text.utf8Span.span, to: list, mode: 0o644, replacing: true)
        StandardError.write("made \(list), \(serials.count) added, \(days) days")
    }
}
