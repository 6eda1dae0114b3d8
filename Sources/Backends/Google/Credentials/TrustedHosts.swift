internal import HTTP

/// Where credentials may be sent. Files of credentials name addresses, and whoever can slip one in would otherwise be sent
/// what opens the secrets.
struct TrustedHosts: Sendable {
    /// Old keys still name this one.
    private static let further = ["accounts.google.com"]

    /// The domain of Google's own cloud. Sovereign clouds have others.
    static let defaultUniverse = "googleapis.com"

    /// As configured: a file of credentials may not choose whom to trust.
    var universe = defaultUniverse
    /// What the configuration adds.
    var configured: [String] = []

    /// - Returns: why credentials do not go to this address; nil where they may.
    func fault(of text: String) -> String? {
        let address: HTTPAddress
        do throws(HTTPAddress.Refusal) { address = try HTTPAddress(text) } catch { return "is no address: \(error)" }
        guard address.isSecure else { return "does not begin with https://" }
        let host = address.host
        guard
            host == universe || host.hasSuffix(".\(universe)") || Self.further.contains(host)
                || configured.contains(where: { $0.lowercased() == host })
        else { return "names the host \(host), which is not Google's; add it to token-hosts if it is right" }
        return nil
    }
}
