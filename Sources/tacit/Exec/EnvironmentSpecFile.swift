internal import Glibc

/// A file with a spec a line. Empty lines, and lines that begin with `#`, are skipped. It names secrets and holds none.
enum EnvironmentSpecFile {
    /// Bytes of the largest file.
    static let byteLimit = 1 << 20

    static func read(_ path: String) throws(CommandFailure) -> [EnvironmentSpec] {
        let text = try contents(of: path)
        var specs: [EnvironmentSpec] = []
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let spec = String(trimmed(line))
            if spec.isEmpty || spec.hasPrefix("#") { continue }
            do throws(EnvironmentSpec.Malformed) { specs.append(try EnvironmentSpec(parsing: spec)) } catch {
                throw CommandFailure(ProcessEnd.usage, "\(path):\(index + 1): \(error.message)")
            }
        }
        return specs
    }

    private static func trimmed(_ line: Substring) -> Substring {
        func isBlank(_ character: Character) -> Bool { character == " " || character == "\t" || character == "\r" }
        var line = line.drop(while: isBlank)
        while let last = line.last, isBlank(last) { line.removeLast() }
        return line
    }

    private static func contents(of path: String) throws(CommandFailure) -> String {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(path, "cannot be opened: \(systemText(errno))") }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 16 << 10)
        while true {
            let count = unsafe Glibc.read(descriptor, &piece, piece.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure(path, "cannot be read: \(systemText(errno))") }
            guard count > 0 else { break }
            bytes += piece[..<count]
            guard bytes.count <= byteLimit else { throw failure(path, "is larger than \(byteLimit) bytes") }
        }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw failure(path, "is not UTF-8 text") }
        // "\r\n" is one character, which is not "\n".
        return text.contains("\r\n") ? String(text.map { $0 == "\r\n" ? "\n" : $0 }) : text
    }

    private static func failure(_ path: String, _ reason: String) -> CommandFailure {
        CommandFailure(ProcessEnd.usage, "\(path) \(reason)")
    }
}
