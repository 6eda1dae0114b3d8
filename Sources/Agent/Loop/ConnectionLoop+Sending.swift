internal import EventLoop
internal import Logging
internal import SecretMemory
internal import TLS
internal import Wire

/// From answers to bytes.
extension ConnectionLoop {
    func markDirty(_ session: Session) {
        guard !session.isDirty else { return }
        session.isDirty = true
        dirty.append(session)
    }

    func markAgain(_ session: Session) {
        guard !session.isQueuedAgain, !session.isClosed else { return }
        session.isQueuedAgain = true
        again.append(session)
    }

    /// The audit first, then the answers: nothing leaves that is not recorded.
    func endTurn() {
        if !audit.isEmpty {
            do throws(AuditLog.Failure) {
                try services.audit.commit(&audit, time: WallClock.milliseconds)
            } catch {
                services.log.error("the audit cannot be written", metadata: ["error": "\(error)"])
                for session in dirty { takeBackAnswers(session) }
            }
        }
        swap(&dirty, &sending)
        for session in sending {
            session.isDirty = false
            session.turnStart = nil
            session.turnRequests.removeAll(keepingCapacity: true)
            flush(session)
        }
        sending.removeAll(keepingCapacity: true)
    }

    private func takeBackAnswers(_ session: Session) {
        guard let start = session.turnStart else { return }
        let others = session.outgoing.withBytes { connectionFrames(in: $0.extracting(droppingFirst: start)) }
        session.outgoing.removeLast(session.outgoing.count - start)
        let failure = RequestFailure.auditUnavailable
        do throws(MemoryError) {
            for id in session.turnRequests {
                try session.outgoing.appendFailure(id: id, failure.status, failure.payload)
            }
            try session.outgoing.append(others.span)
        } catch { close(session) }
    }

    /// The frames about the connection itself, such as GOAWAY, which the audit has no say in.
    private func connectionFrames(in bytes: Span<UInt8>) -> [UInt8] {
        var reader = FrameReader(side: .client, limits: limits.wire)
        var kept: [UInt8] = []
        var start = 0
        while case .frame(let header, let payload) = reader.next(in: bytes.extracting(droppingFirst: start)) {
            let end = start + payload.upperBound
            if !header.kind.belongsToRequest { for index in start..<end { kept.append(bytes[index]) } }
            start = end
        }
        return kept
    }

    private func flush(_ session: Session) {
        var written = 0
        while !session.isClosed, !session.outgoing.isEmpty {
            // The others' answers first; the rest goes out in the next turn, without a word from the kernel.
            if written >= AgentLimits.writtenPerTurn { return markDirty(session) }
            let tls = session.outgoing.withBytes { bytes in session.tls.write(bytes) }
            switch tls {
            case .bytes(let count):
                session.outgoing.consume(count)
                session.stalledSince = nil
                written += count
            case .wantsRead, .wantsWrite:
                if session.stalledSince == nil { session.stalledSince = now }
                return setInterest(session, writable: true)
            case .closed, .failed: return close(session)
            }
        }
        guard !session.isClosed else { return }
        setInterest(session, writable: false)
        if !session.parked.isEmpty { unpark(session) }
        if session.isLeaving, session.pending.isEmpty, session.outgoing.isEmpty { return close(session) }
        // It was held back while its answers lay here; there may be requests in the buffers that nobody announces again.
        if !session.incoming.isEmpty || session.tls.hasPending { return markAgain(session) }
        quiet.add(session)
    }

    private func setInterest(_ session: Session, writable: Bool) {
        // Nothing is read from a peer that does not read; the kernel would announce its requests again and again.
        let pausesReading = writable && session.isHeldBack
        guard session.wantsWrite != writable || session.readsPaused != pausesReading else { return }
        session.wantsWrite = writable
        session.readsPaused = pausesReading
        var interest: Poller.Interest = writable ? .writable : []
        if !pausesReading { interest.insert(.readable) }
        do throws(SystemFailure) {
            try poller.change(session.descriptor.raw, interest, token: session.token)
        } catch { close(session) }
    }
}
