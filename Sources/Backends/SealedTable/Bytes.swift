extension [UInt8] {
    /// A copy of bytes that are no secret, such as an envelope.
    init(copying bytes: Span<UInt8>) {
        self.init(capacity: bytes.count) { output in
            for index in bytes.indices { output.append(bytes[index]) }
        }
    }
}
