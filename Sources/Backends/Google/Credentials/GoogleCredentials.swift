internal import Configuration
internal import Glibc
internal import SecretMemory
internal import Secrets

/// Finds the credential in the order of Google's own libraries: the configuration, the file that
/// `GOOGLE_APPLICATION_CREDENTIALS` names, the one that `gcloud` leaves, the machine.
struct GoogleCredentials: Sendable {
    /// The text of a key, as the configuration has it.
    enum Configured: Sendable {
        case none
        case usable(GoogleCredential)
        /// Such as the placeholder of an example; why, for the operator.
        case unusable(String)
    }

    /// Most bytes of a file; a key has about 2400.
    private static let maximumFileBytes = 64 << 10

    let configured: Configured
    let environment: any ConfigurationEnvironment
    let hosts: TrustedHosts

    /// Files are read anew each time, so that a credential that was replaced is used with the next token.
    func current() throws(BackendError) -> GoogleCredential {
        switch configured {
        case .usable(let credential): return credential
        case .unusable(let reason): throw .denied(detail: reason)
        case .none: break
        }
        if let path = text("GOOGLE_APPLICATION_CREDENTIALS") {
            // A name that leads nowhere must not make the agent somebody else.
            let origin = "GOOGLE_APPLICATION_CREDENTIALS (\(path))"
            if let found = try credential(in: path, named: origin, unless: { _ in false }) { return found }
        }
        if let path = wellKnownPath, let found = try credential(in: path, named: path, unless: Self.isAbsence) {
            return found
        }
        guard !isMetadataOff else {
            throw .denied(
                detail: """
                    there is no credential for Google: service-account and GOOGLE_APPLICATION_CREDENTIALS are not set, \
                    gcloud has left none, and NO_GCE_CHECK forbids to ask the machine
                    """
            )
        }
        return GoogleCredential(kind: .metadata, title: "the service account of this machine")
    }

    private func credential(
        in path: String,
        named origin: String,
        unless isPassedOver: (FileError) -> Bool
    ) throws(BackendError) -> GoogleCredential? {
        let text: SharedSecret
        do throws(FileError) {
            text = try SecretFile.readSecret(path, limit: Self.maximumFileBytes)
        } catch {
            if isPassedOver(error) { return nil }
            throw .denied(detail: "\(origin) \(error.message)")
        }
        do throws(CredentialFile.Refusal) {
            return try CredentialFile.read(text, from: origin, allowing: .all, hosts: hosts)
        } catch {
            throw .denied(detail: error.description)
        }
    }

    /// Whether nobody has logged in here: also where the home directory is somebody else's.
    private static func isAbsence(_ error: FileError) -> Bool {
        guard case .system(_, let code) = error else { return false }
        return [ENOENT, ENOTDIR, EACCES].contains(code)
    }

    /// A variable that is no secret; an empty one is none.
    func text(_ name: String) -> String? {
        guard let value = try? environment.value(name), value.value.count > 0 else { return nil }
        return ScalarText(value).string()
    }

    private var isMetadataOff: Bool { text("NO_GCE_CHECK")?.lowercased() == "true" }

    /// Where `gcloud auth application-default login` writes.
    private var wellKnownPath: String? {
        let folder = text("CLOUDSDK_CONFIG") ?? text("HOME").map { "\($0)/.config/gcloud" }
        return folder.map { "\($0)/application_default_credentials.json" }
    }
}
