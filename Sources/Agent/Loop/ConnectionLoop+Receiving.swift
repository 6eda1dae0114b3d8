internal import Logging
internal import SecretMemory
internal import Secrets
internal import TLS
internal import Wire

/// From bytes to requests.
extension ConnectionLoop {
    /// Takes what a peer sent, up to its share of the turn.
    ///
    /// - Returns: how many requests that were.
    @discardableResult
    func receive(_ session: Session, atMost share: Int = AgentLimits.requestsPerTurn) -> Int {
        var budget = share
        receive(session, within: &budget)
        return share - budget
    }

    private func receive(_ session: Session, within budget: inout Int) {
        session.hasReleasedBuffers = false
        while !session.isClosed {
            takeFrames(session, &budget)
            if session.isClosed || session.isHeldBack { return }
            guard budget > 0 else { return markAgain(session) }
            if session.isLeaving { return discardInput(session) }
            switch read(session) {
            case .bytes:
                session.lastActive = now
                // One more read would mostly find nothing; the kernel announces what is still in the socket.
                if !session.tls.hasPending {
                    takeFrames(session, &budget)
                    if budget == 0 { markAgain(session) }
                    return
                }
            case .wantsRead, .wantsWrite: return
            case .noRoom: return makeRoom(for: session)
            case .closed, .failed: return close(session)
            }
        }
    }

    private func read(_ session: Session) -> ReadResult {
        session.tls.read(into: &session.incoming, atMost: AgentLimits.readChunk)
    }

    /// A peer that was told to go may still be talking; nobody listens, but its close must be seen.
    private func discardInput(_ session: Session) {
        var chunks = 0
        while chunks < 16 {
            chunks += 1
            switch read(session) {
            case .bytes: session.incoming.consume(session.incoming.count)
            case .wantsRead, .wantsWrite: return
            case .closed, .failed, .noRoom: return close(session)
            }
        }
        markAgain(session)
    }

    private func takeFrames(_ session: Session, _ budget: inout Int) {
        guard !session.incoming.isEmpty, !session.isLeaving else { return }
        var taken = 0
        session.incoming.withBytes { bytes in
            while budget > 0, !session.isHeldBack, !session.isLeaving, !session.isClosed {
                let rest = bytes.extracting(droppingFirst: taken)
                guard !rest.isEmpty else { return }
                switch session.reader.next(in: rest) {
                case .needMore: return
                case .frame(let header, let payload):
                    handle(header, rest.extracting(payload), session)
                    taken += payload.upperBound
                    budget -= 1
                case .malformed(let error):
                    refuseFrame(error, session)
                    taken = bytes.count
                    return
                }
            }
        }
        guard !session.isClosed else { return }
        session.incoming.consume(taken)
        if session.incoming.isEmpty {
            session.frameSince = nil
        } else if taken > 0 || session.frameSince == nil {
            session.frameSince = now
        }
    }

    /// Where no locked memory is left, whoever has most of it buffered goes, and not whoever comes next.
    private func makeRoom(for session: Session) {
        let largest = largestSession()
        let isBetter = largest.map { $0 !== session && $0.bufferedBytes > AgentLimits.modestBytes } ?? false
        let victim = isBetter ? largest ?? session : session
        var metadata = victim.logMetadata
        metadata["buffered"] = "\(victim.bufferedBytes)"
        services.log.warning("no locked memory is left to read from peers; one was closed", metadata: metadata)
        close(victim)
        markAgain(session)
    }

    private func refuseFrame(_ error: MalformedFrame, _ session: Session) {
        var metadata = session.logMetadata
        metadata["error"] = "\(error)"
        services.log.notice("a peer broke the protocol and was closed", metadata: metadata)
        audit.begin(session.auditPrefix)
        audit.operation("frame")
        audit.denied(Reason.malformedFrame.rawValue, by: "")
        audit.end()
        for id in session.pending.keys { abandon(id, of: session, .cancelled, .cancelled) }
        leave(session, .malformed(error))
    }

    private func handle(_ header: FrameHeader, _ payload: Span<UInt8>, _ session: Session) {
        switch header.kind {
        case .request: handleRequest(header, payload, session)
        case .cancel:
            if !endWatch(header.id, of: session, .cancelled) {
                abandon(header.id, of: session, .cancelled, .cancelled)
            }
        case .ping:
            do throws(MemoryError) {
                try session.outgoing.appendFrame(.connection(.pong), payload: payload)
                markDirty(session)
            } catch { close(session) }
        case .goAway: leave(session, .idle)
        // The reader lets no others through to this side; a pong nobody asked for is harmless.
        case .response, .item, .pong: break
        }
    }

    private func handleRequest(_ header: FrameHeader, _ payload: Span<UInt8>, _ session: Session) {
        let startedAt = clock
        let isOpen = session.pending[header.id] != nil || session.watches.contains { $0.id == header.id }
        if header.method == .getSecret, !isOpen, !services.fence.isUp,
            answerAgain(header, payload, session, at: startedAt)
        {
            return markDirty(session)
        }
        let handler = RequestHandlers.find(header.method)
        do throws(RequestFailure) {
            guard !isOpen else {
                throw RequestFailure(
                    status: .invalidArgument,
                    reason: .malformedRequest,
                    message: "the id \(header.id) belongs to a request that is still open"
                )
            }
            guard let handler else {
                throw RequestFailure(
                    status: .unimplemented,
                    reason: .unknownMethod,
                    message: "this agent has no \(header.method)"
                )
            }
            if services.fence.isUp, handler.isAboutSecrets { throw RequestFailure.fenced }
            let call = RequestCall(header: header, session: session, loop: self, startedAt: startedAt)
            try handler.handle(call, payload)
        } catch {
            audit.begin(session.auditPrefix)
            if error.auditFields.isEmpty {
                audit.field("operation", "\(header.method)")
            } else {
                audit.append(error.auditFields)
            }
            audit.denied(error.reason.rawValue, by: "")
            audit.end()
            willAnswer(header.id, on: session)
            answer(header.id, on: session, error)
            let took = now.nanoseconds(since: startedAt)
            metrics.count(handler?.metric ?? .unknown, metrics.countRefusal(error), nanoseconds: took)
        }
        markDirty(session)
    }

    /// To be called before an answer is written: remembers it, so that it can be taken back.
    func willAnswer(_ id: UInt32, on session: Session) {
        if session.turnStart == nil { session.turnStart = session.outgoing.count }
        if services.audit.isRequired { session.turnRequests.append(id) }
    }

    /// Takes ``willAnswer(_:on:)`` back, for a request that waits after all.
    func willNotAnswer(_ id: UInt32, on session: Session) {
        if session.turnRequests.last == id { session.turnRequests.removeLast() }
    }

    /// Sends a failure as the answer.
    func answer(_ id: UInt32, on session: Session, _ failure: RequestFailure) {
        do throws(MemoryError) {
            try session.outgoing.appendFailure(id: id, failure.status, failure.payload)
        } catch {
            // Not even the failure fits: the peer learns it from the closed connection.
            close(session)
        }
    }

    /// Ends a request that waited, recording why.
    func refuse(
        _ pending: PendingRequest,
        on session: Session,
        _ failure: RequestFailure,
        _ outcome: OutcomeMetric
    ) {
        willAnswer(pending.id, on: session)
        record(pending, of: session, failure, outcome)
        answer(pending.id, on: session, failure)
        markDirty(session)
    }

    /// Records a request that waited and ended so.
    func record(_ pending: PendingRequest, of session: Session, _ failure: RequestFailure, _ outcome: OutcomeMetric) {
        let took = BootInstant.now.nanoseconds(since: pending.startedAt)
        for entry in pending.entries {
            audit.begin(session.auditPrefix)
            audit.append(entry.fields)
            if !entry.isDenied { audit.field("reason", failure.reason.rawValue) }
            audit.field("duration_us", took / 1000)
            audit.end()
        }
        metrics.count(pending.metric, outcome, nanoseconds: took)
    }

    /// Adds how long the request took, ends its record and counts it.
    func finishRecord(since startedAt: BootInstant, _ metric: RequestMetric, _ outcome: OutcomeMetric) {
        clock = .now
        let took = clock.nanoseconds(since: startedAt)
        audit.field("duration_us", took / 1000)
        audit.end()
        metrics.count(metric, outcome, nanoseconds: took)
    }
}
