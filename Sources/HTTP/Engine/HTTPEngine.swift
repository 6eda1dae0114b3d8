internal import EventLoop
internal import Glibc
internal import SecretMemory

/// The thread that carries out all requests of the process. It waits on an epoll for the sockets of every pool, because a
/// libcurl handle with connections of its own for each scope is what keeps the scopes apart.
final class HTTPEngine: Sendable {
    private enum Message: Sendable {
        case start(Transfer)
        case cancel(Transfer)
        case close(ConnectionPool)
    }

    /// The one engine of the process; its thread is started by the first use and lives as long as the process.
    static let shared: Result<HTTPEngine, HTTPFailure> = {
        do throws(HTTPFailure) { return .success(try HTTPEngine()) } catch { return .failure(error) }
    }()

    private let inbox: Inbox<Message>

    private init() throws(HTTPFailure) {
        do throws(CurlMemory.Refusal) { try CurlMemory.install() } catch { throw .invalid(detail: "\(error)") }
        do {
            inbox = try Inbox()
            let inbox = inbox
            // Passed over by a box, because a thread's body may be handed over only once.
            _ = try DedicatedThread(name: "tacit-http") {
                do throws(SystemFailure) { try Self.run(inbox) } catch {
                    preconditionFailure("the HTTP engine cannot wait: \(error)")
                }
            }
        } catch {
            throw .invalid(detail: "the HTTP engine cannot be started: \(error)")
        }
    }

    func start(_ transfer: Transfer) { inbox.send(.start(transfer)) }
    func cancel(_ transfer: Transfer) { inbox.send(.cancel(transfer)) }
    func close(_ pool: ConnectionPool) { inbox.send(.close(pool)) }

    // MARK: The thread

    private static let inboxToken = UInt64.max

    private static func run(_ inbox: Inbox<Message>) throws(SystemFailure) {
        let sockets = SocketWatch(try Poller())
        try sockets.poller.watch(inbox.descriptor, .readable, token: inboxToken)
        var pools: [UInt32: ConnectionPool] = [:]
        while true {
            let now = EngineClock.now
            let next = pools.values.reduce(Int64.max) { min($0, $1.nextDeadline) }
            let count = sockets.poller.wait(milliseconds: EngineClock.milliseconds(from: now, until: next))
            for index in 0..<count {
                let event = sockets.poller.event(index)
                guard event.token != inboxToken else { continue }
                let (number, descriptor) = SocketWatch.parts(of: event.token)
                pools[number]?.act(on: descriptor, isReadable: event.isReadable, isWritable: event.isWritable)
            }
            for message in inbox.takeAll() {
                switch message {
                case .start(let transfer):
                    pools[transfer.pool.number] = transfer.pool
                    transfer.pool.start(transfer, sockets)
                case .cancel(let transfer): transfer.pool.cancel(transfer)
                case .close(let pool):
                    pool.close()
                    pools[pool.number] = nil
                }
            }
            for pool in pools.values { pool.settle(at: EngineClock.now) }
            // Credentials and values passed through this thread's stack and registers, in parts and also where nobody waits for
            // them any more.
            Hardening.scrubStack()
        }
    }
}

/// The engine's clock, in milliseconds. Time that the machine sleeps does not count here: nobody answers then.
enum EngineClock {
    static var now: Int64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }

    /// For a wait: -1 where there is no end to it.
    static func milliseconds(from now: Int64, until deadline: Int64) -> CInt {
        deadline == .max ? -1 : CInt(clamping: max(0, deadline - now))
    }
}
