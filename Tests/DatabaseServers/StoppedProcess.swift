import Foundation
import Glibc

/// A process that hangs.
enum StoppedProcess {
    /// Stops it, and waits until none of its threads runs any more: the signal alone is no more than a request, and a busy
    /// machine lets a thread answer once more.
    static func stop(_ process: pid_t) {
        guard kill(process, SIGSTOP) == 0 else { return }
        for _ in 0..<5000 where !isStopped(process) { usleep(1000) }
    }

    private static func isStopped(_ process: pid_t) -> Bool {
        let tasks = "/proc/\(process)/task"
        let threads = (try? FileManager.default.contentsOfDirectory(atPath: tasks)) ?? []
        return threads.allSatisfy { thread in
            guard let text = try? String(contentsOfFile: "\(tasks)/\(thread)/stat", encoding: .utf8) else {
                return true
            }
            // Behind the name, which may hold anything.
            guard let state = text[(text.lastIndex(of: ")") ?? text.startIndex)...].dropFirst(2).first else {
                return true
            }
            return "TtZX".contains(state)
        }
    }
}
