internal import Configuration
internal import Secrets

/// All that finding keys and the region takes: one for each scope.
struct AWSCredentialChain: Sendable {
    private let sources: [any AWSCredentialSource]
    private let clock: AWSClock

    /// - Parameter fixed: keys of the configuration, beside which nothing else counts.
    init(
        fixed: FixedKeys?,
        variables: AWSVariables,
        service: SecurityTokenService,
        metadata: InstanceMetadata,
        clock: AWSClock
    ) {
        self.clock = clock
        if let fixed {
            sources = [fixed]
            return
        }
        let container = ContainerKeys(web: metadata.web, variables: variables)
        let instance = InstanceKeys(metadata: metadata, clock: clock)
        sources = [
            VariableKeys(variables: variables),
            VariableWebIdentity(variables: variables, service: service),
            ProfileKeys(variables: variables, service: service, container: container, instance: instance),
            container,
            instance,
        ]
    }

    /// The keys of the first place that is in use here.
    func lease() async throws(BackendError) -> TokenSource<AWSCredentials>.Lease {
        for source in sources {
            guard let grant = try await source.grant() else { continue }
            guard let end = grant.end else { return .init(token: grant.credentials, lifetime: nil) }
            let lifetime = Duration.milliseconds(end - clock.now)
            guard lifetime > .zero else {
                throw .denied(detail: "the keys from \(grant.credentials.origin) have ended")
            }
            return .init(token: grant.credentials, lifetime: lifetime)
        }
        throw .denied(detail: "there are no keys in the configuration, the environment or the shared files")
    }
}

/// Where in the world the secrets are: the configuration, the environment, the profile, the instance.
struct AWSRegionChain: Sendable {
    let configured: String?
    let variables: AWSVariables
    let metadata: InstanceMetadata

    func region() async throws(BackendError) -> String {
        if let configured { return configured }
        for variable in ["AWS_REGION", "AWS_DEFAULT_REGION"] {
            if let region = try variables.string(variable) { return try checked(region, from: variable) }
        }
        let profiles = try SharedProfiles(variables)
        if let region = profiles.profile(profiles.name)?.string("region") {
            return try checked(region, from: "the profile \(profiles.name)")
        }
        if let region = await instanceRegion() { return try checked(region, from: "the instance's metadata service") }
        throw .unsupported(
            detail: "no region is known; set aws-secret-manager.region, or AWS_REGION in the agent's environment"
        )
    }

    /// A machine that is none of AWS's has no such service, which is no failure of it.
    private func instanceRegion() async -> String? {
        guard let base = try? metadata.base() else { return nil }
        return try? await metadata.line("placement/region", at: base)
    }

    private func checked(_ region: String, from place: String) throws(BackendError) -> String {
        guard AWSEndpoint.isRegion(region) else {
            throw .unsupported(detail: "the region from \(place) is none: letters, digits and dashes are allowed")
        }
        return region
    }
}
