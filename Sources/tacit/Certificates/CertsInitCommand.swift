internal import ArgumentParser
internal import TLS

/// `tacit certs init`
struct CertsInitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Make an authority: ca.crt and ca.key.",
        discussion: """
            For development and tests: its key lies in a file.

            EXAMPLE
              tacit certs init --directory certs --trust-domain example.org
            """
    )

    @OptionGroup var folder: AuthorityFolder

    @Option(help: ArgumentHelp("The part of identities after spiffe://.", valueName: "name"))
    var trustDomain = "example.org"

    @Option(help: ArgumentHelp("How long it is valid.", valueName: "number"))
    var days = AuthorityRequest.dayLimit

    @Flag(help: "Replace an authority that is there. What it issued is then of no more use.")
    var force = false

    func run() throws {
        let authority = try CertificateAuthority.create(
            AuthorityRequest(trustDomain: trustDomain, validity: .days(days))
        )
        try folder.make()
        try authority.save(certificate: folder.certificate, privateKey: folder.privateKey, replacing: force)
        StandardError.write("made \(folder.certificate) and \(folder.privateKey), for spiffe://\(trustDomain)")
    }
}
