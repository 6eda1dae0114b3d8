import Foundation
import Glibc

/// Servers' programs, run as the users that they accept.
enum ServerPrograms {
    struct Failed: Error, CustomStringConvertible {
        let description: String
    }

    /// Servers refuse to run as root, and tests in containers are root. Debian's packages bring users for them.
    static let isRoot = getuid() == 0

    /// Runs one of a server's own programs to its end.
    @discardableResult
    static func run(_ path: String, _ arguments: [String], as user: String, input: String = "") throws -> String {
        let (path, arguments) = command(path, arguments, user)
        return try runAny(path, arguments, input: input)
    }

    /// Starts a server.
    static func start(_ path: String, _ arguments: [String], as user: String) throws -> Child {
        let (path, arguments) = command(path, arguments, user)
        return try Child(path, arguments)
    }

    private static func command(_ path: String, _ arguments: [String], _ user: String) -> (String, [String]) {
        guard isRoot else { return (path, arguments) }
        return ("/usr/bin/setpriv", ["--reuid", user, "--regid", user, "--clear-groups", path] + arguments)
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
