import Foundation

/// Files of the project that are no sources, and the programs that check them.
enum Checkout {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    static func path(_ name: String) -> String { root.appendingPathComponent(name).path }

    static func text(_ name: String) throws -> String { try String(contentsOfFile: path(name), encoding: .utf8) }

    /// Prometheus' own checker, where scripts/test-promtool.sh puts it.
    static let promtool = path(".build/test-promtool/promtool")

    /// Runs a program to its end.
    ///
    /// - Returns: its exit status, and all that it printed.
    static func run(_ program: String, _ arguments: [String], input: String = "") throws -> (
        status: Int32, text: String
    ) {
        guard FileManager.default.isExecutableFile(atPath: program) else {
            throw Overdue("there is no \(program): run make test, or scripts/install-dependencies.sh test")
        }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        let (stdin, output) = (Pipe(), Pipe())
        process.standardInput = stdin
        process.standardOutput = output
        process.standardError = output
        try process.run()
        // What it is told is more than a pipe holds, and so may be what it says.
        let bytes = Data(input.utf8)
        DispatchQueue.global().async {
            try? stdin.fileHandleForWriting.write(contentsOf: bytes)
            try? stdin.fileHandleForWriting.close()
        }
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, text)
    }
}
