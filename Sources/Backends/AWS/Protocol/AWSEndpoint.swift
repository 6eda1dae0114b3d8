internal import HTTP
internal import Secrets

/// Where a service of AWS is reached, in the normal form that signatures need: a host in lower case, a port only where it is not
/// the scheme's own, and a path without anything that would have to be escaped or resolved.
struct AWSEndpoint: Sendable, Equatable {
    let scheme: String
    /// As it is sent in the header `Host`.
    let host: String
    let path: String

    var url: String { "\(scheme)://\(host)\(path)" }
    var isEncrypted: Bool { scheme == "https" }

    /// AWS's own endpoint of a service.
    ///
    /// - Parameter isFIPS: the one whose cryptography is validated for the authorities of the United States.
    init(service: String, region: String, isFIPS: Bool = false) {
        scheme = "https"
        host = "\(service)\(isFIPS ? "-fips" : "").\(region).\(Self.suffix(of: region))"
        path = "/"
    }

    /// An endpoint that somebody configured; nil where its path is not in the normal form, or there is a query.
    init?(_ address: HTTPAddress) {
        guard address.query == nil, Self.isNormal(address.path) else { return nil }
        scheme = address.isSecure ? "https" : "http"
        host = String(address.origin.dropFirst(scheme.count + 3))
        path = address.path
    }

    /// The endpoint of a service that the environment names; nil where it names none.
    ///
    /// - Parameter name: the service's, as it stands in the variable.
    static func configured(_ variables: AWSVariables, for name: String) throws(BackendError) -> AWSEndpoint? {
        guard try !variables.isTrue("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS") else { return nil }
        for variable in ["AWS_ENDPOINT_URL_\(name)", "AWS_ENDPOINT_URL"] {
            guard let text = try variables.string(variable) else { continue }
            guard let address = try? HTTPAddress(text), let endpoint = AWSEndpoint(address) else {
                throw .unsupported(detail: "the variable \(variable) holds no address of a service")
            }
            return endpoint
        }
        return nil
    }

    private static func isNormal(_ path: String) -> Bool {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        return parts.enumerated().allSatisfy { place, part in
            if part.isEmpty { return place == parts.count - 1 }
            return part != "." && part != ".." && part.utf8.allSatisfy(PercentEncoding.isUnreserved)
        }
    }

    // MARK: Regions

    /// Whether a text may be a region, and so a part of a host's name.
    static func isRegion(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }

    /// The domain of a region's partition.
    private static func suffix(of region: String) -> String {
        partitions.first { region.hasPrefix($0.regions) }?.suffix ?? "amazonaws.com"
    }

    private static let partitions: [(regions: String, suffix: String)] = [
        ("cn-", "amazonaws.com.cn"), ("us-isob-", "sc2s.sgov.gov"), ("us-isof-", "csp.hci.ic.gov"),
        ("us-iso-", "c2s.ic.gov"), ("eu-isoe-", "cloud.adc-e.uk"), ("eusc-", "amazonaws.eu"),
    ]
}
