import Foundation
import Synchronization
import TLS
import TacitClient

/// An agent that does what the test says: one script for each connection it accepts, in order, over real TLS.
final class ScriptedAgent: Sendable {
    typealias Script = @Sendable (inout Peer) throws -> Void

    struct Failure: Error { let step: String }

    let address: Address
    private let listener: CInt
    private let finished = DispatchSemaphore(value: 0)
    private let problems = Mutex<[String]>([])
    private let repeats: Bool

    /// Listens on a Unix socket in the domain's folder, or on a TCP port of the loopback address.
    ///
    /// - Parameter repeats: whether the last script is for all connections that may follow.
    init(
        _ domain: TestDomain,
        tcp: Bool = false,
        trusting other: TestDomain? = nil,
        repeats: Bool = false,
        _ scripts: Script...
    ) throws {
        self.repeats = repeats
        let context = try ServerContext(files: domain.agentFiles(trusting: other))
        (listener, address) = try tcp ? Self.listenTCP() : Self.listenUnix(domain.folder + "/agent.sock")
        let thread = Thread { [self, listener] in
            var waiting = scripts[...]
            while let script = repeats ? waiting.first ?? scripts.last : waiting.first {
                waiting = waiting.dropFirst()
                let socket = accept(listener, nil, nil)
                guard socket >= 0 else { break }
                do { try Self.serve(socket, context, script) } catch { problems.withLock { $0.append("\(error)") } }
                close(socket)
            }
            finished.signal()
        }
        thread.start()
    }

    /// Waits until all scripts have run.
    ///
    /// - Returns: what went wrong in them.
    func finish() -> [String] {
        if repeats { shutdown(listener, CInt(SHUT_RDWR)) }
        guard finished.wait(timeout: .now() + 30) == .success else { return ["a script did not end"] }
        finished.signal()
        return problems.withLock { $0 }
    }

    private static func serve(_ socket: CInt, _ context: ServerContext, _ script: Script) throws {
        var limit = timeval(tv_sec: 25, tv_usec: 0)
        unsafe setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        unsafe setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var peer = Peer(try context.connection(on: socket))
        try script(&peer)
    }

    private static func listenUnix(_ path: String) throws -> (CInt, Address) {
        let socket = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &name.sun_path) { unsafe $0.copyBytes(from: path.utf8) }
        unsafe unlink(path)
        let result = unsafe withUnsafePointer(to: &name) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0, listen(socket, 8) == 0 else { throw Failure(step: "listen") }
        return (socket, .unix(path: path))
    }

    private static func listenTCP() throws -> (CInt, Address) {
        let socket = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = unsafe withUnsafeMutablePointer(to: &name) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                unsafe bind(socket, pointer, size) == 0 && listen(socket, 8) == 0
                    && getsockname(socket, pointer, &size) == 0
            }
        }
        guard result else { throw Failure(step: "listen") }
        return (socket, .tcp(host: "127.0.0.1", port: UInt16(bigEndian: name.sin_port)))
    }

    deinit { close(listener) }
}
