internal import Secrets

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
