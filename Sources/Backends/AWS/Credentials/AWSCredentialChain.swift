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
