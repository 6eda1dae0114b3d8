/// Which identities a rule is about. A segment may be `*` (any one), a capture such as `{tenant}` (any one, remembered), and
/// the last one `**` (whatever follows, at least one segment).
public struct IdentityPattern: Sendable, Equatable {
    enum Segment: Sendable, Equatable {
        case exact(String)
        case any
        case capture(String)
        case rest
    }

    /// The pattern as it was written.
    public let text: String
    let segments: [Segment]

    /// The names that may be captured.
    public static let captureNames: Set<String> = ["tenant", "service", "namespace"]

    /// - Throws: what is wrong with the pattern, in a sentence.
    public init(_ text: String) throws(PolicyFault) {
        guard let parts = WorkloadIdentity.parts(of: text) else {
            throw PolicyFault("the identity \"\(text)\" does not begin with spiffe://")
        }
        var segments: [Segment] = []
        var captured: Set<String> = []
        for (index, part) in parts.enumerated() {
            if part == "**" {
                guard index == parts.count - 1 else {
                    throw PolicyFault("** is allowed only as the last segment of the identity \"\(text)\"")
                }
                segments.append(.rest)
            } else if part == "*" {
                segments.append(.any)
            } else if part.hasPrefix("{") && part.hasSuffix("}") {
                let name = String(part.dropFirst().dropLast())
                guard Self.captureNames.contains(name) else {
                    throw PolicyFault("unknown capture {\(name)} in \"\(text)\": {tenant}, {service} or {namespace}")
                }
                guard captured.insert(name).inserted else {
                    throw PolicyFault("the capture {\(name)} stands twice in \"\(text)\"")
                }
                segments.append(.capture(name))
            } else if !(index == 0 ? WorkloadIdentity.isTrustDomain(part) : WorkloadIdentity.isSegment(part)) {
                throw PolicyFault(
                    "the identity \"\(text)\" has a bad segment \"\(part)\": write all of it, *, ** or {name}"
                )
            } else {
                segments.append(.exact(String(part)))
            }
        }
        guard case .some(.exact) = segments.first else {
            throw PolicyFault("the trust domain of the identity \"\(text)\" must be written out")
        }
        self.text = text
        self.segments = segments
    }

    /// - Returns: what was captured, or nil where the identity is another.
    func match(_ identity: WorkloadIdentity) -> [String: String]? {
        var captures: [String: String] = [:]
        for (index, segment) in segments.enumerated() {
            guard index < identity.segments.count else { return nil }
            let part = identity.segments[index]
            switch segment {
            case .exact(let text): guard part == text else { return nil }
            case .any: break
            case .capture(let name): captures[name] = String(part)
            case .rest: return captures
            }
        }
        return segments.count == identity.segments.count ? captures : nil
    }
}
