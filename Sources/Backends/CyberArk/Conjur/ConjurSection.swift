internal import Configuration
internal import Secrets

/// `type: cyberark` for Conjur.
enum ConjurSection {
    private static let type = CyberArkCatalogueEntry.type
    private static let host = "host/"

    static func read(_ section: CyberArkSection) -> ReadyManager {
        let (reader, settings) = (section.reader, section.settings)
        let account = reader.string("account")
        let branch = (section.text("policy-path") ?? "").split(separator: "/").joined(separator: "/")
        let managesPolicy = reader.bool("manage-policy", default: false)
        if managesPolicy, branch.isEmpty { reader.report("policy-path", "is missing; manage-policy needs it") }
        let options = ConjurOptions(
            server: section.server(),
            account: account,
            branch: branch,
            names: QualifiedNames(
                layout: section.layout,
                maximumCharacters: ConjurOptions.maximumIDCharacters,
                separator: "/",
                mark: ConjurOptions.mark
            ),
            managesPolicy: managesPolicy,
            isReadOnly: settings.readOnly,
            tags: settings.tags
        )
        let credential = credential(section, account: account)
        var warnings = section.warnings
        if !settings.tags.isEmpty, !settings.readOnly, !managesPolicy {
            warnings.append("tags of Conjur are policy, and are not written without manage-policy")
        }
        return ReadyManager(warnings: warnings) { [web = section.web] (surroundings) throws(CatalogueError) in
            guard let credential else {
                throw .refused(type: type, reason: "there is no credential")
            }
            return ConjurBackend(
                options: options,
                credential: credential,
                service: try WebSection.service(web, for: type),
                surroundings
            )
        }
    }

    /// - Returns: nil where there is none, which is reported.
    private static func credential(_ section: CyberArkSection, account: String) -> ConjurCredential? {
        let reader = section.reader
        let authenticator = section.text("authenticator") ?? "authn"
        let parts = authenticator.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let isComplete = authenticator == "authn" || parts.count == 2 && !parts[1].isEmpty
        guard isComplete, ["authn", "authn-ldap", "authn-jwt"].contains(parts[0]) else {
            reader.report("authenticator", "must be authn, authn-ldap/SERVICE or authn-jwt/SERVICE")
            return nil
        }
        let (key, password) = (reader.optionalSecret("api-key"), reader.optionalSecret("password"))
        let path = section.text("jwt-path")
        let proof: ConjurCredential.Proof
        var username = section.text("username") ?? ""
        if parts[0] == "authn-jwt" {
            guard let path else {
                reader.report("jwt-path", "is missing; \(authenticator) needs it")
                return nil
            }
            for other in ["username", "password", "api-key"] where reader.has(other) || reader.has("\(other)-file") {
                reader.report(other, "has no meaning for \(authenticator): the token says who the agent is")
            }
            (proof, username) = (.jwt(path: path), "")
        } else {
            if path != nil { reader.report("jwt-path", "is for authn-jwt, and authenticator is \(authenticator)") }
            if username.isEmpty { reader.report("username", "is missing") }
            switch (key, password) {
            case (.some(let key), nil): proof = .apiKey(key)
            // Hosts have no passwords.
            case (nil, .some(let password)): proof = username.hasPrefix(host) ? .apiKey(password) : .password(password)
            case (nil, nil):
                let isKnown = ["api-key", "api-key-file", "password", "password-file"].contains { reader.has($0) }
                if !isKnown { reader.report("api-key", "is missing, and so is password") }
                return nil
            case (.some, .some):
                reader.report("api-key", "is there beside password; only one of them may be")
                return nil
            }
        }
        return ConjurCredential(authenticator: authenticator, account: account, username: username, proof: proof)
    }
}
