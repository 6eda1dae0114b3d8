internal import SecretMemory
internal import Secrets

/// Keys of a profile in the shared files: its own, or those of a role that it takes.
struct ProfileKeys: AWSCredentialSource {
    /// Profiles that may lead to each other.
    static let maximumSteps = 5

    let variables: AWSVariables
    let service: SecurityTokenService
    /// What `credential_source` may name.
    let container: ContainerKeys
    let instance: InstanceKeys

    func grant() async throws(BackendError) -> AWSGrant? {
        let profiles = try SharedProfiles(variables)
        guard let profile = profiles.profile(profiles.name) else {
            guard !profiles.isNamed else {
                throw .denied(detail: "no shared file has the profile \(profiles.name) that the environment names")
            }
            return nil
        }
        // A default profile that only says where, and nothing of who, leads on to the next place.
        return try await grant(of: profile, in: profiles, after: [], isRequired: profiles.isNamed)
    }

    private func grant(
        of profile: SharedProfile,
        in profiles: SharedProfiles,
        after seen: [String],
        isRequired: Bool
    ) async throws(BackendError) -> AWSGrant? {
        if let arn = profile.string("role_arn"), seen.last != profile.name {
            return try await grant(of: role(arn, of: profile), profile, in: profiles, after: seen)
        }
        if let keys = try profile.keys() { return AWSGrant(keys) }
        for key in ["credential_process", "sso_session", "sso_start_url", "sso_account_id", "login_session"]
        where profile.string(key) != nil {
            throw .unsupported(
                detail: """
                    the profile \(profile.name) gets its keys by \(key), which needs another program or a person; \
                    give the agent a role or keys of its own
                    """
            )
        }
        guard isRequired else { return nil }
        throw .denied(detail: "the profile \(profile.name) has neither keys nor a role")
    }

    private func role(_ arn: String, of profile: SharedProfile) throws(BackendError) -> SecurityTokenService.Role {
        guard profile.string("mfa_serial") == nil else {
            throw .unsupported(
                detail:
                    "the profile \(profile.name) asks for a person's second factor (mfa_serial), and there is nobody"
            )
        }
        return SecurityTokenService.Role(
            arn: arn,
            session: profile.string("role_session_name"),
            externalID: profile.string("external_id"),
            duration: profile.string("duration_seconds").flatMap { Int($0) }
        )
    }

    private func grant(
        of role: SecurityTokenService.Role,
        _ profile: SharedProfile,
        in profiles: SharedProfiles,
        after seen: [String]
    ) async throws(BackendError) -> AWSGrant {
        let name = profile.name
        let file = profile.string("web_identity_token_file")
        let source = profile.string("source_profile")
        let place = profile.string("credential_source")
        guard [file, source, place].count(where: { $0 != nil }) == 1 else {
            throw .denied(
                detail: """
                    the profile \(name) has a role_arn, which needs exactly one of source_profile, credential_source and \
                    web_identity_token_file
                    """
            )
        }
        if let file {
            guard let path = try variables.path(file) else { throw .denied(detail: "HOME is missing, for \(file)") }
            return try await WebIdentity(file: path, role: role).grant(from: service)
        }
        if let place {
            return try await service.take(role, with: try await keys(at: place, for: name))
        }
        guard let source, let next = profiles.profile(source) else {
            throw .denied(detail: "the source_profile \(source ?? "") of the profile \(name) is in no shared file")
        }
        guard !seen.contains(source), seen.count < Self.maximumSteps else {
            throw .denied(
                detail: "the profile \(name) leads in a circle, or over more than \(Self.maximumSteps) others"
            )
        }
        // A profile may name itself: then its own keys take the role.
        let own = try await grant(of: next, in: profiles, after: seen + [name], isRequired: true)
        guard let own else { throw .denied(detail: "the profile \(source) has neither keys nor a role") }
        return try await service.take(role, with: own.credentials)
    }

    private func keys(at place: String, for profile: String) async throws(BackendError) -> AWSCredentials {
        let grant: AWSGrant? =
            switch place {
            case "Environment": try VariableKeys(variables: variables).grant()
            case "EcsContainer": try await container.grant()
            case "Ec2InstanceMetadata": try await instance.grant()
            default:
                throw .denied(
                    detail: """
                        the credential_source of the profile \(profile) must be Environment, EcsContainer or \
                        Ec2InstanceMetadata
                        """
                )
            }
        guard let grant else { throw .denied(detail: "there are no keys at \(place), for the profile \(profile)") }
        return grant.credentials
    }
}
