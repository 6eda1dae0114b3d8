import Foundation
import Testing

/// The program that writes to a store until it is killed.
struct StoreProcess {
    private let process = Process()
    private let output = Pipe()
    private let errors = Pipe()

    /// - Parameter shell: commands that the shell runs first, such as limits.
    init(_ arguments: [String], after shell: String = "true") throws {
        let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let program = URL(fileURLWithPath: tests).deletingLastPathComponent().appendingPathComponent("StoreWriter")
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", "\(shell); exec \"$0\" \"$@\"", program.path] + arguments
        process.standardOutput = output
        process.standardError = errors
        try process.run()
    }

    /// Waits until `count` writes have been acknowledged.
    func acknowledged(_ count: Int) -> [Int] {
        var bytes: [UInt8] = []
        while bytes.count(where: { $0 == UInt8(ascii: "\n") }) < count {
            let more = output.fileHandleForReading.availableData
            if more.isEmpty { break }
            bytes += more
        }
        return numbers(bytes)
    }

    /// Ends the process as a power cut would, and returns what it had still acknowledged.
    func kill() -> [Int] {
        Glibc.kill(process.processIdentifier, SIGKILL)
        let rest = Array(output.fileHandleForReading.readDataToEndOfFile())
        process.waitUntilExit()
        return numbers(rest)
    }

    /// Waits for the end.
    func end() -> (status: Int32, errors: String) {
        let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, text)
    }

    private func numbers(_ bytes: [UInt8]) -> [Int] {
        bytes.split(separator: UInt8(ascii: "\n")).compactMap { Int(String(decoding: $0, as: UTF8.self)) }
    }
}
