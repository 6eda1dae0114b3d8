internal import HTTP

/// What a vault's answers may make the agent trust, or ask for.
extension HTTPAddress {
    /// Whether this vault is one of the service that a token would be for: its host lies below the resource's. Otherwise whoever
    /// stands at this address could collect tokens for a service that is not his.
    func belongs(toResource resource: String) -> Bool {
        guard let service = try? HTTPAddress(resource) else { return false }
        return host.hasSuffix(".\(service.host)")
    }

    /// The path and query of a link that this server gave.
    ///
    /// - Returns: nil where the link leads to another server, or to something else than `path`.
    func reference(of link: String, to path: String) -> String? {
        guard let target = try? HTTPAddress(link), target.origin == origin, target.path == path else { return nil }
        return target.query.map { "\(path)?\($0)" } ?? path
    }
}
