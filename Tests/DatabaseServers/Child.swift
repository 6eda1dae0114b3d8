import Foundation
import Glibc

/// A process that is started without Foundation: that one waits until everybody has closed what the process was born with,
/// and a server that goes on in the background never does.
struct Child {
    let identifier: pid_t

    /// Starts a program with an environment of its own, which says nothing about databases.
    ///
    /// - Parameters:
    ///   - input: what it reads; nothing where there is none.
    ///   - output: where it writes; nowhere where there is none.
    init(_ path: String, _ arguments: [String], input: CInt? = nil, output: CInt? = nil) throws {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        if let input {
            unsafe posix_spawn_file_actions_adddup2(&actions, input, 0)
        } else {
            unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        }
        if let output {
            unsafe posix_spawn_file_actions_adddup2(&actions, output, 1)
        } else {
            unsafe posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        }
        unsafe posix_spawn_file_actions_adddup2(&actions, 1, 2)
        // A server would keep open whatever other children of the tests wait for the end of.
        for descriptor in Self.openDescriptors() where descriptor > 2 {
            unsafe posix_spawn_file_actions_addclose(&actions, descriptor)
        }
        var words = unsafe Self.copies([path] + arguments)
        var environment = unsafe Self.copies(["PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8", "TZ=UTC"])
        defer { unsafe (words + environment).forEach { unsafe free($0) } }
        var started: pid_t = 0
        let code = unsafe posix_spawn(&started, path, &actions, nil, &words, &environment)
        guard code == 0 else { throw ServerPrograms.Failed(description: "\(path) cannot be started: errno \(code)") }
        identifier = started
    }

    private static func openDescriptors() -> [CInt] {
        let names = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")
        return (names ?? []).compactMap { CInt($0) }
    }

    private static func copies(_ words: [String]) -> [UnsafeMutablePointer<CChar>?] {
        var copies: [UnsafeMutablePointer<CChar>?] = unsafe []
        for word in words { unsafe copies.append(strdup(word)) }
        unsafe copies.append(nil)
        return unsafe copies
    }

    /// Waits for its end.
    ///
    /// - Returns: whether it ended with 0.
    @discardableResult
    func end() -> Bool {
        var status: CInt = 0
        while unsafe waitpid(identifier, &status, 0) < 0 && errno == EINTR {}
        return status == 0
    }
}
