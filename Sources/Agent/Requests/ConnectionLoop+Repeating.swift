internal import SecretMemory
internal import Secrets
internal import Wire

/// The shortest way from a request to its answer. Nearly all requests take it, so it makes no ``RequestCall`` and asks for no
/// handler.
extension ConnectionLoop {
    /// Answers a GetSecret that was judged before, where the cache still has the value.
    ///
    /// - Returns: false where nothing was done: the request is then to be judged and answered in full.
    func answerAgain(_ header: FrameHeader, _ payload: Span<UInt8>, _ session: Session, at now: BootInstant) -> Bool {
        guard let read = session.reads.find(payload, session.access, snapshot) else { return false }
        let subkey = read.subkey
        var isAnswered = false
        willAnswer(header.id, on: session)
        let resolution = services.resolver.readCached(read.probe, maximumAge: read.maximumAge, at: now) { secret in
            do throws(RequestFailure) {
                try SecretAnswer.append(
                    secret,
                    .cached,
                    subkey: subkey.span,
                    reader: session.leaseMark,
                    id: header.id,
                    at: now,
                    to: &session.outgoing,
                    payloadLimit: limits.wire.payloadBytes
                )
            } catch { return }
            isAnswered = true
            clock = .now
            let took = clock.nanoseconds(since: now)
            Self.record(read, secret, at: now, took: took, into: &audit)
            metrics.count(.get, .hit, nanoseconds: took)
        }
        // Nobody else is told to, so it is done also where the long way has to answer.
        if case .foundNeedsRefresh = resolution { refresh(read.reference, for: session) }
        if !isAnswered { willNotAnswer(header.id, on: session) }
        return isAnswered
    }

    /// The whole record in one go: the batch belongs to a class, and each separate access to it has its price.
    private static func record(
        _ read: RememberedRead,
        _ secret: ResolvedSecret,
        at now: BootInstant,
        took: Int64,
        into audit: inout AuditBatch
    ) {
        audit.begin(read.record)
        audit.state(of: secret, at: now)
        audit.field("duration_us", took / 1000)
        audit.end()
    }
}
