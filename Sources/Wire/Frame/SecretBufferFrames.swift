package import SecretMemory

extension FrameReader {
    /// Looks at the frame at the start of what waits in `buffer`. (A span into one field of a structure would keep
    /// its other fields, such as the reader, from being changed at the same time.)
    package mutating func next(in buffer: borrowing SecretBuffer) -> Progress { next(in: buffer.bytes) }
}

/// Frames, written where they will be encrypted from.
extension SecretBuffer {
    /// Appends a frame with a message. The header's payload length is set here.
    ///
    /// - Throws: where the frame does not fit; nothing is appended then.
    package mutating func appendFrame<Message: WireMessage & ~Copyable & ~Escapable>(
        _ header: FrameHeader,
        _ message: borrowing Message
    ) throws(MemoryError) {
        var header = header
        header.payloadCount = message.encodedSize
        try append(reserving: FrameHeader.byteCount + header.payloadCount) { output in
            header.encode(into: &output)
            message.encode(into: &output)
        }
    }

    /// Appends the answer of a GetSecret: header, fields, and the value last.
    ///
    /// - Throws: where the frame does not fit; nothing is appended then.
    package mutating func appendResponse(id: UInt32, _ secret: SecretView) throws(MemoryError) {
        try appendFrame(.response(id: id), secret)
    }

    /// Appends a response that says why a request failed.
    package mutating func appendFailure(id: UInt32, _ status: Status, _ error: ErrorPayload) throws(MemoryError) {
        try appendFrame(.response(id: id, status: status), error)
    }

    /// Appends a frame whose payload is the bytes given, or none.
    package mutating func appendFrame(_ header: FrameHeader, payload: Span<UInt8> = Span()) throws(MemoryError) {
        var header = header
        header.payloadCount = payload.count
        try append(reserving: FrameHeader.byteCount + payload.count) { output in
            header.encode(into: &output)
            output.append(contentsOf: payload)
        }
    }

    // MARK: Frames that grow

    /// Begins a frame whose payload is appended piece by piece, such as a batch.
    ///
    /// - Returns: the frame's place, for ``endFrame(begunAt:)``. Nothing may be consumed before that.
    package mutating func beginFrame(_ header: FrameHeader) throws(MemoryError) -> Int {
        let place = count
        try appendFrame(header)
        return place
    }

    /// Appends one of the references of a GetSecrets to the frame that was begun.
    package mutating func appendReference(_ reference: ReferenceView) throws(MemoryError) {
        try appendElement(reference)
    }

    /// Appends one of the results of a GetSecrets to the frame that was begun.
    package mutating func appendResult(_ result: SecretResultView) throws(MemoryError) {
        try appendElement(result)
    }

    /// Ends a frame: its header gets the length that the payload has by now.
    ///
    /// - Returns: bytes of the payload.
    @discardableResult
    package mutating func endFrame(begunAt place: Int) -> Int {
        let payload = count - place - FrameHeader.byteCount
        precondition(place >= 0 && payload >= 0, "no frame begins there")
        let length = UInt32(payload + FrameHeader.countedBytes)
        // Sound: the four bytes are the length field of a header that `beginFrame` wrote, inside the waiting bytes.
        unsafe withUnsafeMutableBytes { bytes in
            for index in 0..<4 {
                unsafe bytes[place + index] = UInt8(truncatingIfNeeded: length >> UInt32(24 - 8 * index))
            }
        }
        return payload
    }

    /// Both messages of GetSecrets repeat their field 1.
    private mutating func appendElement<Message: WireMessage & ~Copyable & ~Escapable>(
        _ element: borrowing Message
    ) throws(MemoryError) {
        var counter = ByteCounter()
        counter.message(1, element)
        try append(reserving: counter.count) { output in output.message(1, element) }
    }
}
