/// The references of a GetSecrets request, one after the other, as payloads for ``ReferenceView/init(decoding:)``:
/// one that cannot be read fails alone.
package struct ReferenceList: ~Escapable {
    /// How many there are: at most ``WireLimits/references``.
    package let count: Int
    private var reader: ProtobufReader

    /// Walks the payload once, so that nothing can go wrong afterwards.
    @_lifetime(copy payload)
    package init(decoding payload: Span<UInt8>) throws(Malformed) {
        var walk = ProtobufReader(payload)
        var count = 0
        while let field = try walk.next() {
            let offset = walk.offset
            try walk.skip(field)
            guard field == .delimited(1) else { continue }
            count += 1
            guard count <= WireLimits.references else { throw Malformed(.tooManyReferences, at: offset) }
        }
        self.count = count
        reader = ProtobufReader(payload)
    }

    /// The next reference's payload, or nil after the last.
    @_lifetime(copy self)
    package mutating func next() -> Span<UInt8>? {
        reader.nextDelimited(1)
    }
}
