import Glibc

/// A temporary folder that goes, with the server that runs in it, when its owner lets go of it or the test program ends,
/// however it ends.
final class WatchedFolder: Sendable {
    let path: String
    /// Held open by this program only: the watcher reads that it has ended.
    private let lifeline: CInt
    private let watcher: Child

    init() throws {
        var template = Array("/tmp/tacit-db-XXXXXX".utf8CString)
        guard unsafe mkdtemp(&template) != nil else {
            throw ServerPrograms.Failed(description: "no temporary folder: errno \(errno)")
        }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        var ends: [CInt] = [-1, -1]
        // No other child may hold it open, not even one that is started at this moment.
        let kind = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
        guard unsafe socketpair(AF_UNIX, kind, 0, &ends) == 0 else {
            throw ServerPrograms.Failed(description: "no pair of sockets: errno \(errno)")
        }
        lifeline = ends[1]
        defer { close(ends[0]) }
        watcher = try Child("/bin/sh", ["-c", Self.script, "watcher", path], input: ends[0])
    }

    /// Begins with what lies in another.
    convenience init(copyOf other: WatchedFolder) throws {
        try self.init()
        try ServerPrograms.runAny("/bin/cp", ["-a", "\(other.path)/.", path])
    }

    /// Signals of a terminal are not for it: it has to outlive the tests.
    private static let script = """
        trap '' INT TERM HUP
        cat
        pid=$(cat "$1/data/postmaster.pid" "$1/server.pid" | head -n 1) && [ -n "$pid" ] && {
          kill -CONT $(cat /proc/"$pid"/task/*/children) "$pid"
          kill -QUIT "$pid"
          tries=0
          while kill -0 "$pid" && [ $tries -lt 100 ]; do sleep 0.05; tries=$((tries + 1)); done
          kill -KILL "$pid"
        }
        rm -rf "$1"
        """

    deinit {
        close(lifeline)
        watcher.end()
    }
}
