internal import SecretMemory
internal import Wire

/// Reading many secrets at once.
extension TacitClient {
    /// Reads several secrets in one round trip. One that cannot be had does not fail the others.
    ///
    /// More than 64 references go out as several requests without waiting in between. Where the values of one request
    /// are too many bytes for one answer, it is asked for again in halves.
    ///
    /// - Returns: a result for each reference, in the same order.
    /// - Throws: where the whole call failed; what a single reference is refused for is in its result.
    public mutating func get(_ references: [Reference]) throws(ClientError) -> SecretBatch {
        let deadline = Deadline(after: timeout)
        var batch = SecretBatch(count: references.count)
        var pending = Self.parts(of: references.indices)
        while !pending.isEmpty {
            let parts = pending
            var halves: [Range<Int>] = []
            try perform(repeatable: true, deadline) { (channel, deadline) throws(ChannelFailure) in
                halves = []
                try channel.exchange(count: parts.count, until: deadline) { (index, id, output) throws(MemoryError) in
                    try Self.append(references[parts[index]], id, deadline, to: &output)
                } receive: { (index, status, payload) throws(ClientError) in
                    halves += try Self.take(status, payload, parts[index], into: &batch)
                }
            }
            pending = halves
        }
        return batch
    }

    /// Cuts into ranges that one request holds.
    private static func parts(of indices: Range<Int>) -> [Range<Int>] {
        stride(from: indices.lowerBound, to: indices.upperBound, by: WireLimits.references).map { start in
            start..<min(start + WireLimits.references, indices.upperBound)
        }
    }

    private static func append(
        _ references: ArraySlice<Reference>,
        _ id: UInt32,
        _ deadline: Deadline,
        to output: inout SecretBuffer
    ) throws(MemoryError) {
        let place = try output.beginFrame(.request(.getSecrets, id: id, timeout: deadline.forAgent))
        for reference in references {
            try reference.withView { (view) throws(MemoryError) in try output.appendReference(view) }
        }
        output.endFrame(begunAt: place)
    }

    /// Puts the results of one answer where they belong.
    ///
    /// - Returns: the references to ask for again.
    private static func take(
        _ status: Status,
        _ payload: Span<UInt8>,
        _ part: Range<Int>,
        into batch: inout SecretBatch
    ) throws(ClientError) -> [Range<Int>] {
        guard status == .ok else {
            let refusal = try ClientError.Refusal(status: status, payload: payload)
            if refusal.reason == .tooLarge, part.count > 1 {
                let middle = part.lowerBound + part.count / 2
                return [part.lowerBound..<middle, middle..<part.upperBound]
            }
            for index in part { batch.set(.refused(refusal), at: index) }
            return []
        }
        var results: SecretResultList
        do throws(Malformed) { results = try SecretResultList(decoding: payload) } catch { throw .unreadable(error) }
        guard results.count == part.count else {
            throw .protocolViolation("\(results.count) results for \(part.count) references")
        }
        for index in part {
            guard let bytes = results.next() else { break }
            let result: SecretResultView
            do throws(Malformed) { result = try SecretResultView(decoding: bytes) } catch { throw .unreadable(error) }
            if result.status == .ok {
                batch.set(.found(try Secret(result.secret)), at: index)
            } else {
                let error = result.error ?? ErrorPayload(reason: Reason(rawValue: ""), message: "")
                batch.set(.refused(ClientError.Refusal(status: result.status, error)), at: index)
            }
        }
        return []
    }
}
