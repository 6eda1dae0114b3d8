internal import ArgumentParser
internal import TLS

/// `tacit certs show`
struct CertsShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Print what certificates say: identity, names, purposes, dates, fingerprint.",
        discussion: """
            EXAMPLE
              tacit certs show certs/worker.crt
            """
    )

    @Argument(help: "A file with one or more certificates (PEM).", completion: .file())
    var file: String

    @OptionGroup var format: FormatArguments

    func run() throws {
        let certificates = try CertificateDescription.read(file)
        if format.json { return try StandardOutput.write(JSONValue.list(certificates.map(json)).encoded + "\n") }
        let texts = certificates.map { certificate in
            certificate.description.split(separator: "\n").map { TextTable.printable(String($0)) + "\n" }.joined()
        }
        try StandardOutput.write(texts.joined(separator: "\n"))
    }

    private func json(_ certificate: CertificateDescription) -> JSONValue {
        .object([
            ("subject", .text(certificate.subject)),
            ("issuer", .text(certificate.issuer)),
            ("spiffe_id", .optional(certificate.spiffeID)),
            ("uris", .texts(certificate.uris)),
            ("dns_names", .texts(certificate.dnsNames)),
            ("addresses", .texts(certificate.addresses)),
            ("is_authority", .flag(certificate.isAuthority)),
            ("purposes", .texts(certificate.purposes)),
            ("not_before", .text(certificate.notBefore)),
            ("not_after", .text(certificate.notAfter)),
            ("days_left", .number(Int64(certificate.daysLeft))),
            ("serial", .text(certificate.serial)),
            ("sha256", .text(certificate.sha256)),
            ("key", .text(certificate.key)),
        ])
    }
}
