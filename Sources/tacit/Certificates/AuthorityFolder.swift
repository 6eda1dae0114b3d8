internal import ArgumentParser
internal import Glibc
internal import TLS

/// Where a development authority keeps its files.
struct AuthorityFolder: ParsableArguments {
    @Option(help: ArgumentHelp("Where the authority's files are.", valueName: "directory"), completion: .directory)
    var directory = "certs"

    var certificate: String { "\(directory)/ca.crt" }
    var privateKey: String { "\(directory)/ca.key" }
    var revocationList: String { "\(directory)/ca.crl" }

    /// Makes the folder where there is none. Others may enter: keys have modes of their own.
    func make() throws(CommandFailure) {
        if unsafe mkdir(directory, 0o755) == 0 {
            _ = unsafe chmod(directory, 0o755)
        } else if errno != EEXIST {
            throw CommandFailure(ProcessEnd.usage, "\(directory) cannot be made: \(systemText(errno))")
        }
    }

    func load() throws(CommandFailure) -> CertificateAuthority {
        guard unsafe access(certificate, F_OK) == 0 else {
            throw CommandFailure(
                ProcessEnd.usage,
                "there is no authority in \(directory); make one with: tacit certs init --directory \(directory)"
            )
        }
        do throws(TLSError) {
            return try CertificateAuthority.load(certificate: certificate, privateKey: privateKey)
        } catch {
            throw CommandFailure(ProcessEnd.usage, error.description)
        }
    }
}
