internal import Liveness
internal import SecretMemory
internal import Secrets
internal import Wire

/// Clients that want to be told, at intervals, how the agent is.
extension ConnectionLoop {
    /// Opens a stream; its first report leaves with this turn.
    func watch(_ watch: HealthWatch, on session: Session) throws(RequestFailure) {
        guard session.watches.count < AgentLimits.watchesPerConnection else { throw .tooManyOpen }
        session.watches.append(watch)
        watchers.insert(session.token)
        pushHealth(to: session)
    }

    /// Sends the reports that are due. A peer that does not read misses some: only the latest is worth anything.
    func pushHealth() {
        for token in watchers {
            guard let session = session(token), !session.watches.isEmpty else {
                watchers.remove(token)
                continue
            }
            pushHealth(to: session)
        }
    }

    private func pushHealth(to session: Session) {
        guard let report = services.healthBoard.report(at: now) else { return }
        for index in session.watches.indices where session.watches[index].next <= now {
            let watch = session.watches[index]
            session.watches[index].next = now.advanced(by: watch.interval)
            guard !session.isHeldBack else { continue }
            let header = FrameHeader(payloadCount: 0, id: watch.id, kind: .item)
            do throws(MemoryError) {
                try session.outgoing.appendFrame(header, HealthAnswer(report, node: services.node))
            } catch { return close(session) }
            markDirty(session)
        }
    }

    /// Ends one stream, where there is one of this id.
    ///
    /// - Returns: whether there was.
    func endWatch(_ id: UInt32, of session: Session, _ failure: RequestFailure) -> Bool {
        guard let index = session.watches.firstIndex(where: { $0.id == id }) else { return false }
        session.watches.remove(at: index)
        answer(id, on: session, failure)
        markDirty(session)
        return true
    }

    func endWatches(of session: Session, _ failure: RequestFailure) {
        for watch in session.watches { _ = endWatch(watch.id, of: session, failure) }
    }

    /// The instance that beat on a connection is lost, or beats on another one now.
    ///
    /// - Parameter instance: what it must still be about.
    func unbind(_ token: UInt64, _ instance: String) {
        guard let session = session(token), session.instance == instance else { return }
        session.instance = nil
        session.leaseMark = .shared
        endWatches(of: session, .instanceEnded)
    }
}
