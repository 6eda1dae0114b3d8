import Foundation
import Glibc

/// What a run of the program left behind.
struct Outcome: Sendable {
    /// As a shell reports it: 128 and the signal, where one ended it.
    let status: Int32
    let output: Data
    let errors: String

    var text: String { String(decoding: output, as: UTF8.self) }

    func json() throws -> Any { try JSONSerialization.jsonObject(with: output) }

    func object() throws -> [String: Any] {
        guard let object = try json() as? [String: Any] else { throw CocoaError(.coderReadCorrupt) }
        return object
    }

    func list() throws -> [[String: Any]] {
        guard let list = try json() as? [[String: Any]] else { throw CocoaError(.coderReadCorrupt) }
        return list
    }
}

/// A run of the program that was built beside the tests. Streams are files, so that no pipe can fill up.
///
/// Foundation's own `Process` would hand its children the blocked signals of the thread that happens to start them.
final class Invocation: @unchecked Sendable {  // Sound: used by one test.
    private static let program: String = {
        let tests =
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
        return URL(fileURLWithPath: tests).deletingLastPathComponent().appendingPathComponent("tacit").path
    }()

    let id: pid_t
    private let workspace: Workspace
    private var ended: Int32?

    /// - Parameters:
    ///   - input: standard input, where it is not a terminal.
    ///   - environment: beside PATH and HOME; nothing of the tests' own gets in.
    ///   - prelude: what the shell does first in `folder`, such as `ulimit -f 1;`.
    init(
        _ arguments: [String],
        input: Data = Data(),
        terminal: PseudoTerminal? = nil,
        outputToTerminal: PseudoTerminal? = nil,
        errorsToTerminal: PseudoTerminal? = nil,
        environment: [String: String] = [:],
        folder: String? = nil,
        prelude: String = ""
    ) throws {
        workspace = try Workspace()
        try input.write(to: URL(fileURLWithPath: workspace.path("input")))
        let streams = [
            try Self.open(terminal?.path ?? workspace.path("input"), O_RDONLY),
            try Self.open(outputToTerminal?.path ?? workspace.path("output"), O_WRONLY | O_CREAT),
            try Self.open(errorsToTerminal?.path ?? workspace.path("errors"), O_WRONLY | O_CREAT),
        ]
        defer { for stream in streams { close(stream) } }
        var command = [Self.program] + arguments
        if let folder { command = ["/bin/sh", "-c", "cd \"$0\" && \(prelude) exec \"$@\"", folder] + command }
        let variables = ["PATH": "/usr/bin:/bin", "HOME": "/"].merging(environment) { $1 }
        id = try Self.spawn(command, variables.map { "\($0.key)=\($0.value)" }, streams)
    }

    private static func open(_ path: String, _ flags: Int32) throws -> Int32 {
        let descriptor = unsafe Glibc.open(path, flags | O_CLOEXEC | O_NOCTTY, 0o600)
        guard descriptor >= 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
        return descriptor
    }

    private static func spawn(_ command: [String], _ environment: [String], _ streams: [Int32]) throws -> pid_t {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        for (number, stream) in streams.enumerated() {
            unsafe posix_spawn_file_actions_adddup2(&actions, stream, Int32(number))
        }
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        unsafe sigemptyset(&none)
        unsafe posix_spawnattr_setsigmask(&attributes, &none)
        var all = sigset_t()
        unsafe sigfillset(&all)
        unsafe posix_spawnattr_setsigdefault(&attributes, &all)
        unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        var arguments = unsafe command.map { unsafe strdup($0) } + [nil]
        var variables = unsafe environment.map { unsafe strdup($0) } + [nil]
        defer { unsafe (arguments + variables).forEach { unsafe free($0) } }
        var id: pid_t = 0
        let code = unsafe posix_spawn(&id, command[0], &actions, &attributes, &arguments, &variables)
        guard code == 0 else { throw POSIXError(.init(rawValue: code) ?? .EIO) }
        return id
    }

    deinit {
        guard ended == nil else { return }
        kill(id, SIGKILL)
        _ = reap(0)
    }

    var errorsSoFar: String { (try? String(contentsOfFile: workspace.path("errors"), encoding: .utf8)) ?? "" }

    func signal(_ number: Int32) { kill(id, number) }

    /// Waits for the end.
    func finish() throws -> Outcome {
        while ended == nil { _ = reap(0) }
        let output = workspace.path("output")
        return Outcome(
            status: ended ?? -1,
            output: FileManager.default.contents(atPath: output) ?? Data(),
            errors: errorsSoFar
        )
    }

    /// - Returns: whether it has ended.
    private func reap(_ options: Int32) -> Bool {
        if ended != nil { return true }
        var status: Int32 = 0
        guard unsafe waitpid(id, &status, options) == id else { return false }
        ended = status & 0x7f == 0 ? status >> 8 & 0xff : 128 + (status & 0x7f)
        return true
    }

    /// Waits until `condition` holds.
    ///
    /// - Returns: false where the process ended or `seconds` passed before.
    func wait(seconds: Double = 20, until condition: () -> Bool) -> Bool {
        let end = Date(timeIntervalSinceNow: seconds)
        while !condition() {
            guard !reap(WNOHANG), Date() < end else { return false }
            usleep(5000)
        }
        return true
    }
}

/// Runs the program to its end.
func tacit(
    _ arguments: String...,
    input: Data = Data(),
    environment: [String: String] = [:],
    folder: String? = nil
) throws -> Outcome {
    try Invocation(arguments, input: input, environment: environment, folder: folder).finish()
}
