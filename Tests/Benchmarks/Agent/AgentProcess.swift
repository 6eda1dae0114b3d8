import Glibc
import Secrets

/// A running agent, in the same way as in production.
final class AgentProcess {
    let scene: Scene
    /// From just before it was started until it said that it is ready.
    let startTime: Int64
    private let process: ChildProcess

    init(_ program: String, in scene: Scene) throws {
        self.scene = scene
        let notices = try ReadinessSocket(path: scene.path("notify.sock"))
        let start = BootInstant.now
        process = try ChildProcess(
            [program, "agent", "-c", scene.path("agent.yaml")],
            environment: ["PATH=/usr/bin:/bin", "NOTIFY_SOCKET=\(scene.path("notify.sock"))"],
            log: scene.path("log")
        )
        guard notices.waitForReadiness() else {
            throw Failure("the agent was not ready within 20 s: \(TextFile.read(scene.path("log")))")
        }
        startTime = BootInstant.now.nanoseconds(since: start)
    }

    var pid: pid_t { process.pid }

    func end() throws {
        guard !process.hasEnded else { throw Failure("the agent ended: \(TextFile.read(scene.path("log")))") }
        process.end()
    }

    func figures() -> ProcessFigures { ProcessFigures(of: pid) }
    func metrics() throws -> MetricsPage { try MetricsPage(port: scene.healthPort) }
}

/// Where the agent says how its start goes, as systemd would have it.
private struct ReadinessSocket: ~Copyable {
    private let descriptor: CInt
    private let path: String

    init(path: String) throws {
        unsafe unlink(path)
        let descriptor = socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        let bound = unsafe SocketPath.withAddress(path) { unsafe bind(descriptor, $0, $1) }
        guard bound == 0 else {
            let failure = Failure.system("bind \(path)")
            close(descriptor)
            throw failure
        }
        self.descriptor = descriptor
        self.path = path
    }

    /// Reads notices, of which there may be others, until the one that says so.
    func waitForReadiness() -> Bool {
        let end = BootInstant.now.advanced(by: .seconds(20))
        while true {
            let left = end.nanoseconds(since: .now) / 1_000_000
            var waited = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard left > 0, unsafe poll(&waited, 1, CInt(left)) == 1 else { return false }
            var text = [UInt8](repeating: 0, count: 512)
            let count = unsafe text.withUnsafeMutableBytes { unsafe recv(descriptor, $0.baseAddress, $0.count, 0) }
            if String(decoding: text.prefix(max(0, count)), as: UTF8.self).contains("READY=1") { return true }
        }
    }

    deinit {
        close(descriptor)
        unsafe unlink(path)
    }
}

/// A Unix socket's path in the form that the kernel takes.
enum SocketPath {
    static func withAddress<Result>(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { target in
            for (index, byte) in path.utf8.enumerated() where index < target.count - 1 { unsafe target[index] = byte }
        }
        return unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe body(address, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}
