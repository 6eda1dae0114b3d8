import CLinux
import Glibc
import OpenSSLHooks
import SecretMemory

/// What the project promises, measured on this machine.
///
///     benchmarks PROGRAM [PART...]     PROGRAM: the agent's release binary; PART: expiry, footprint,
///                                      neighbours, misses, managers, health, heartbeats
///
/// Ends with 0 where everything could be measured, whatever the figures say.
@main
enum Benchmarks {
    private static let parts = ["expiry", "footprint", "neighbours", "misses", "managers", "health", "heartbeats"]

    static func main() async {
        do {
            // Thousands of clients live in this one process.
            try Arena.start(Arena.Options(maximumBytes: 1 << 30))
            guard OpenSSLMemory.install() else { throw Failure("OpenSSL was used before it was given its memory") }
            linux_raise_descriptor_limit()
            signal(SIGPIPE, SIG_IGN)
            let arguments = Array(CommandLine.arguments.dropFirst())
            if arguments.count == 3, arguments[0] == Abuse.command {
                try Abuse.run(arguments[1], socket: arguments[2])
            } else {
                try await measure(arguments)
            }
        } catch {
            print("benchmarks: \(error)")
            fflush(nil)
            exit(1)
        }
    }

    private static func measure(_ arguments: [String]) async throws {
        let wanted = arguments.count > 1 ? Array(arguments.dropFirst()) : parts
        guard let program = arguments.first, wanted.allSatisfy(parts.contains) else {
            throw Failure("usage: benchmarks PROGRAM [\(parts.joined(separator: "|"))]...")
        }
        guard unsafe access(program, X_OK) == 0 else {
            throw Failure("\(program) cannot be run; build it with: make build")
        }
        var report = Report()
        report.note("\(linux_processor_count()) processors. Other work on this machine shows in every figure.")
        if wanted.contains("expiry") { try await ExpiryBenchmark().run(&report) }
        if wanted.contains("footprint") {
            try StartBenchmark(program: program).run(&report)
            try MemoryBenchmark(program: program).run(&report)
            try ConnectionsBenchmark(program: program).run(&report)
        }
        if wanted.contains("neighbours") { try NeighbourBenchmark(program: program).run(&report) }
        if wanted.contains("misses") { try await MissBenchmark(program: program).run(&report) }
        if wanted.contains("managers") { try await ManagerBenchmark(program: program).run(&report) }
        if wanted.contains("health") { try HealthBenchmark(program: program).run(&report) }
        if wanted.contains("heartbeats") { try HeartbeatBenchmark(program: program).run(&report) }
        report.end()
    }
}

/// Why something could not be measured.
struct Failure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }

    /// A system call's failure; call it first of all after the call.
    static func system(_ operation: String) -> Failure {
        let code = errno
        return Failure("\(operation): \(unsafe String(cString: strerror(code)))")
    }
}
