/// Why a payload is not the message that it should be.
package struct Malformed: Error, Equatable, Sendable {
    package enum Fault: Equatable, Sendable {
        /// The bytes end in the middle of a field.
        case truncated
        /// A number of more than ten bytes.
        case varintTooLong
        /// A field number that does not exist: 0, or more than 2^29 - 1.
        case fieldNumber
        /// A wire type that does not exist.
        case wireType
        /// A group that ends without having begun, or that does not end.
        case group
        /// Groups within groups, more than ``WireLimits/groupDepth`` deep.
        case tooDeep
        /// A string that is not UTF-8.
        case notUTF8
        /// More references in one request than ``WireLimits/references``.
        case tooManyReferences
        /// More tags than ``WireLimits/tags``.
        case tooManyTags
    }

    package let fault: Fault
    /// Where in the payload it was noticed.
    package let offset: Int

    package init(_ fault: Fault, at offset: Int) {
        self.fault = fault
        self.offset = offset
    }
}

extension Malformed: CustomStringConvertible {
    /// A sentence for the peer. It holds nothing that the peer sent.
    package var description: String {
        let text =
            switch fault {
            case .truncated: "a field is not whole"
            case .varintTooLong: "a number has more than ten bytes"
            case .fieldNumber: "a field number is out of range"
            case .wireType: "a wire type does not exist"
            case .group: "a group has no beginning or no end"
            case .tooDeep: "groups are nested too deep"
            case .notUTF8: "a string is not UTF-8"
            case .tooManyReferences: "there are more than \(WireLimits.references) references"
            case .tooManyTags: "there are more than \(WireLimits.tags) tags"
            }
        return "\(text) (at byte \(offset))"
    }
}
