import Foundation

/// protoc's Python, started once for a batch of payloads.
struct PythonReencoder {
    struct Unusable: Error, CustomStringConvertible {
        let description: String
    }

    /// Generates the modules into a folder of its own and starts a Python that has protobuf.
    ///
    /// - Returns: for each payload the message written again, or nil where it was refused.
    static func reencode(_ payloads: [(name: String, bytes: [UInt8])]) throws -> [[UInt8]?] {
        let folder = FileManager.default.temporaryDirectory.appending(path: "tacit-python-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let protos = RepositoryFiles.root.appending(path: "proto")
        let files = ["agent", "error", "secrets"].map { "tacit/v1/\($0).proto" }
        _ = try run("protoc", ["-I", protos.path, "--python_out", folder.path] + files)

        let input = folder.appending(path: "input")
        let lines = payloads.map { "\($0.name) \(hex($0.bytes))\n" }.joined()
        try Data(lines.utf8).write(to: input)
        let script = RepositoryFiles.root.appending(path: "Tests/WireTests/python/reencode.py").path
        let output = try run(interpreter(), [script, folder.path], input: input)
        let answers = output.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
        guard answers.count == payloads.count else { throw Unusable(description: "answers: \(answers.count)") }
        return answers.map { $0 == "refused" ? nil : bytes(hex: $0) }
    }

    /// The distribution's Python first: one that is in front of it on the path often lacks its packages.
    private static func interpreter() throws -> String {
        for candidate in ["/usr/bin/python3", "python3"] {
            if (try? run(candidate, ["-c", "import google.protobuf"])) != nil { return candidate }
        }
        throw Unusable(description: "no python3 can import google.protobuf: install python3-protobuf")
    }

    private static func run(_ program: String, _ arguments: [String], input: URL? = nil) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [program] + arguments
        if let input { process.standardInput = try FileHandle(forReadingFrom: input) }
        let output = Pipe()
        let errors = Pipe()
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        let complaint = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Unusable(description: "\(program) ended with \(process.terminationStatus): \(complaint)")
        }
        return text
    }
}

/// Files of the repository that tests read.
enum RepositoryFiles {
    static let root = URL(fileURLWithPath: #filePath).appending(path: "../../../..").standardizedFileURL
}

func hex(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
}

/// Bytes written as pairs of hexadecimal digits; other characters count as gaps.
func bytes(hex text: some StringProtocol) -> [UInt8] {
    let digits = text.compactMap(\.hexDigitValue).map { UInt8($0) }
    return stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
}
