package import EventLoop
internal import Glibc
internal import SecretMemory
internal import Synchronization

/// Where the loops leave their records: straight into the log where the audit is required, else through a bounded queue and
/// a writer thread, so that a slow disk costs records and not answers.
package final class AuditTrail: Sendable {
    /// Most records that may wait for the writer.
    package static let queueLimit = 65_536

    private struct Queue {
        var waiting: [AuditRecords] = []
        var records = 0
        var isStopping = false
    }

    private let log: AuditLog?
    package let isRequired: Bool
    private let queue = Mutex(Queue())
    private let dropped = Atomic<UInt64>(0)
    private let inbox: Inbox<Void>?
    private let thread = Mutex<DedicatedThread?>(nil)

    /// - Parameter log: nil: no audit is kept.
    package init(log: AuditLog?, isRequired: Bool) throws(SystemFailure) {
        self.log = log
        self.isRequired = isRequired && log != nil
        inbox = log != nil && !isRequired ? try Inbox() : nil
    }

    package var isKept: Bool { log != nil }

    /// Starts the writer, where there is one.
    package func start() throws(SystemFailure) {
        guard inbox != nil else { return }
        do throws(DedicatedThread.Refusal) {
            let started = try DedicatedThread(name: "tacit-audit") { [self] in run() }
            keep(started)
        } catch {
            throw SystemFailure(operation: "pthread_create", code: error.code)
        }
    }

    private func keep(_ started: consuming sending DedicatedThread) {
        var incoming: DedicatedThread? = started
        thread.withLock { $0 = incoming.take() }
    }

    /// Takes a turn's records over.
    ///
    /// - Throws: where the audit is required and could not be written: the answers of the turn must not leave.
    package func commit(_ batch: inout AuditBatch, time: Int64) throws(AuditLog.Failure) {
        defer { batch.removeAll() }
        guard let log, !batch.isEmpty else { return }
        guard let inbox else { return try log.write(batch, time: time) }
        let records = AuditRecords(fields: batch.fields, ends: batch.ends, time: time)
        let fits = queue.withLock { queue in
            guard queue.records + records.ends.count <= Self.queueLimit else { return false }
            queue.records += records.ends.count
            queue.waiting.append(records)
            return true
        }
        if fits { inbox.send(()) } else { dropped.add(UInt64(records.ends.count), ordering: .relaxed) }
    }

    private func run() {
        guard let inbox, let log else { return }
        while true {
            var ready = pollfd(fd: inbox.descriptor, events: Int16(POLLIN), revents: 0)
            _ = unsafe poll(&ready, 1, 1000)
            _ = inbox.takeAll()
            let (waiting, isStopping) = queue.withLock { queue in
                let waiting = queue.waiting
                queue.waiting.removeAll()
                queue.records = 0
                return (waiting, queue.isStopping)
            }
            for records in waiting {
                // The log counts the failure and health shows it; the records are lost, and counted too.
                do throws(AuditLog.Failure) { try log.write(records) } catch {
                    dropped.add(UInt64(records.ends.count), ordering: .relaxed)
                }
            }
            if isStopping { return }
        }
    }

    /// Writes what waits and ends the writer.
    package func stop() {
        queue.withLock { $0.isStopping = true }
        inbox?.send(())
        var running: DedicatedThread? = nil
        thread.withLock { swap(&$0, &running) }
        running.take()?.join()
    }

    package func reopen() throws(AuditLog.Failure) { try log?.reopen() }

    package var statistics: AuditLog.Statistics? {
        guard let own = log?.statistics else { return nil }
        return AuditLog.Statistics(
            written: own.written,
            dropped: dropped.load(ordering: .relaxed),
            failures: own.failures,
            lastFailure: own.lastFailure,
            lastWrite: own.lastWrite
        )
    }
}
