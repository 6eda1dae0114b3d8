internal import Configuration
internal import SecretMemory
internal import Secrets

/// The shared files of AWS's tools, as they are now.
struct SharedProfiles: Sendable {
    private let credentials: SharedFile?
    private let config: SharedFile?
    /// The profile that is meant.
    let name: String
    /// Whether somebody named it, so that it must be there.
    let isNamed: Bool

    /// Reads both files. One that is not there is empty, unless a variable names it.
    init(_ variables: AWSVariables) throws(BackendError) {
        credentials = try Self.read("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials", variables)
        config = try Self.read("AWS_CONFIG_FILE", "~/.aws/config", variables)
        let profile = try variables.string("AWS_PROFILE")
        let older = try variables.string("AWS_DEFAULT_PROFILE")
        let given = profile ?? older
        name = given ?? "default"
        isNamed = given != nil
    }

    private static func read(
        _ variable: String,
        _ usual: String,
        _ variables: AWSVariables
    ) throws(BackendError) -> SharedFile? {
        let given = try variables.string(variable)
        guard let path = try variables.path(given ?? usual) else { return nil }
        let text: SharedSecret
        do throws(FileError) {
            text = try SecretFile.readSecret(path, limit: SharedFile.maximumBytes)
        } catch {
            // No file, or no way to it: the usual place is a guess.
            if given == nil, case .system(_, let code) = error, code == 2 || code == 13 || code == 20 { return nil }
            throw .denied(detail: "\(path) \(error.message)")
        }
        do throws(SharedFile.Fault) { return try SharedFile(text) } catch {
            switch error {
            case .malformed(let line):
                throw .denied(detail: "\(path) cannot be read: line \(line) is neither [section] nor key = value")
            case .tooManyEntries:
                throw .denied(detail: "\(path) has more than \(SharedFile.maximumEntries) sections and keys")
            }
        }
    }

    /// The keys of a profile; nil where no file has it.
    func profile(_ name: String) -> SharedProfile? {
        let config = config?["profile \(name)"] ?? (name == "default" ? config?["default"] : nil)
        let credentials = credentials?[name]
        guard config != nil || credentials != nil else { return nil }
        return SharedProfile(name: name, credentials: credentials, config: config)
    }
}

/// One profile: where both files have a key, the credentials file's counts.
struct SharedProfile: Sendable {
    let name: String
    fileprivate let credentials: SharedFile.Section?
    fileprivate let config: SharedFile.Section?

    func string(_ key: String) -> String? { credentials?.string(key) ?? config?.string(key) }

    func secret(_ key: String) throws(BackendError) -> SharedSecret? {
        try BackendError.mappingMemory { () throws(MemoryError) in
            if let secret = try credentials?.secret(key) { return secret }
            return try config?.secret(key)
        }
    }

    /// Keys that stand in the profile itself.
    func keys() throws(BackendError) -> AWSCredentials? {
        let accessKey = try secret("aws_access_key_id")
        let secretKey = try secret("aws_secret_access_key")
        guard let accessKey, let secretKey else {
            if accessKey == nil, secretKey == nil { return nil }
            throw .denied(detail: "the profile \(name) has only one half of its keys")
        }
        return AWSCredentials(
            accessKey: accessKey,
            secretKey: secretKey,
            sessionToken: try secret("aws_session_token"),
            origin: "the profile \(name)",
            // The files are read again, and somebody may have written new keys into them.
            isRenewable: true
        )
    }
}
