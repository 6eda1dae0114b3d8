/// The results of a GetSecrets answer, one after the other, as payloads for ``SecretResultView/init(decoding:)``.
package struct SecretResultList: ~Escapable {
    /// How many there are.
    package let count: Int
    private var reader: ProtobufReader

    /// Walks the payload once, so that nothing can go wrong afterwards.
    @_lifetime(copy payload)
    package init(decoding payload: Span<UInt8>) throws(Malformed) {
        var walk = ProtobufReader(payload)
        var count = 0
        while let field = try walk.next() {
            try walk.skip(field)
            if field == .delimited(1) { count += 1 }
        }
        self.count = count
        reader = ProtobufReader(payload)
    }

    /// The next result's payload, or nil after the last.
    @_lifetime(copy self)
    package mutating func next() -> Span<UInt8>? {
        reader.nextDelimited(1)
    }
}
