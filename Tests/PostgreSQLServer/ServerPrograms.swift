import Foundation
import Glibc

/// The server's programs, run as the user that it accepts.
enum ServerPrograms {
    struct Failed: Error, CustomStringConvertible {
        let description: String
    }

    /// The server refuses to run as root, and tests in containers are root. Debian's package brings this user.
    static let needsOtherUser = getuid() == 0
    static let otherUser = "postgres"

    /// Where the programs of the newest installed version are.
    static func folder() throws -> String {
        let root = "/usr/lib/postgresql"
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
        let found = versions.compactMap(Int.init).sorted().last { version in
            FileManager.default.isExecutableFile(atPath: "\(root)/\(version)/bin/postgres")
        }
        guard let found else {
            throw Failed(description: "PostgreSQL's server is not installed: run scripts/install-dependencies.sh test")
        }
        return "\(root)/\(found)/bin"
    }

    /// Runs one of the server's own programs.
    @discardableResult
    static func run(_ program: String, _ arguments: [String], input: String = "") throws -> String {
        let path = "\(try folder())/\(program)"
        guard needsOtherUser else { return try runAny(path, arguments, input: input) }
        let identity = ["--reuid", otherUser, "--regid", otherUser, "--clear-groups", path]
        return try runAny("/usr/bin/setpriv", identity + arguments, input: input)
    }

    /// Runs a program to its end.
    ///
    /// - Returns: what it wrote.
    /// - Throws: where it does not end with 0, with what it said.
    @discardableResult
    static func runAny(_ path: String, _ arguments: [String], input: String = "") throws -> String {
        // Files instead of pipes: a server that is started writes on after its starter has ended.
        let name = NSTemporaryDirectory() + "tacit-run-\(UUID().uuidString)"
        defer { for suffix in [".in", ".out"] { try? FileManager.default.removeItem(atPath: name + suffix) } }
        for (suffix, text) in [(".in", input), (".out", "")] {
            try Data(text.utf8).write(to: URL(fileURLWithPath: name + suffix))
        }
        let (source, sink) = (
            try FileHandle(forReadingFrom: URL(fileURLWithPath: name + ".in")),
            try FileHandle(forWritingTo: URL(fileURLWithPath: name + ".out"))
        )
        let child = try Child(path, arguments, input: source.fileDescriptor, output: sink.fileDescriptor)
        let isDone = child.end()
        let said = String(decoding: try Data(contentsOf: URL(fileURLWithPath: name + ".out")), as: UTF8.self)
        guard isDone else { throw Failed(description: "\(path) \(arguments): \(said)") }
        return said
    }
}
