internal import Configuration
internal import Glibc
internal import SecretMemory
internal import Secrets

/// Turns a `.env` file into lines `SECRET_NAME=BASE64`, which the environment backend and Kestra read.
///
/// A value is everything after the first `=`, as it stands: quotes and blanks are part of it. It goes from one descriptor to
/// the other through locked memory only.
package enum EnvironmentFileEncoder {
    /// What was done. Notes name variables and lines, never a value.
    package struct Report: Equatable, Sendable {
        package var encoded = 0
        package var notes: [String] = []
    }

    package enum Failure: Error, Equatable, Sendable, CustomStringConvertible {
        case reading(code: CInt)
        case writing(code: CInt)
        case tooLarge(limit: Int)
        case memory

        package var description: String {
            switch self {
            case .reading(let code): "cannot be read (\(EnvironmentFile.words(code)))"
            case .writing(let code): "the output cannot be written (\(EnvironmentFile.words(code)))"
            case .tooLarge(let limit): "is larger than \(limit) bytes"
            case .memory: "there is no locked memory for it"
            }
        }
    }

    /// Reads `input` to its end and writes to `output`. Both stay open.
    package static func encode(from input: CInt, to output: CInt) throws(Failure) -> Report {
        let source: SecretBuffer
        do throws(EnvironmentFile.ReadFailure) {
            source = try EnvironmentFile.readAll(input)
        } catch {
            switch error {
            case .system(let code): throw .reading(code: code)
            case .tooLarge: throw .tooLarge(limit: EnvironmentFile.maximumBytes)
            case .memory: throw .memory
            }
        }
        var report = Report()
        // The shortest line, "A=x", grows to less than four times its length.
        var result = SecretBuffer(limit: 4 * EnvironmentFile.maximumBytes, account: .general)
        var lines = EnvironmentLines(source.bytes)
        while let line = lines.next() {
            if EnvironmentAssignment.isEmpty(line) { continue }
            guard let assignment = EnvironmentAssignment(line) else {
                report.notes.append("line \(lines.number) has no \"=\"; it is skipped")
                continue
            }
            guard let name = name(assignment.name) else {
                report.notes.append("line \(lines.number) has no name that a secret may have; it is skipped")
                continue
            }
            do throws(MemoryError) {
                try append(name, assignment.value, to: &result)
            } catch {
                throw .memory
            }
            report.encoded += 1
            if isQuoted(assignment.value) { report.notes.append("\(name): its quotes are part of the value") }
        }
        try write(result.bytes, to: output)
        return report
    }

    private static func name(_ bytes: Span<UInt8>) -> String? {
        guard let text = String(utf8: bytes), EnvironmentKey(requested: text) != nil else { return nil }
        return text
    }

    private static func isQuoted(_ value: Span<UInt8>) -> Bool {
        guard value.count >= 2, value[0] == value[value.count - 1] else { return false }
        return value[0] == UInt8(ascii: "\"") || value[0] == UInt8(ascii: "'")
    }

    private static func append(
        _ name: String,
        _ value: Span<UInt8>,
        to result: inout SecretBuffer
    ) throws(MemoryError) {
        let prefix = EnvironmentOptions.prefix.utf8
        let count = prefix.count + name.utf8.count + 1 + Base64.encodedCount(value.count) + 1
        try result.append(reserving: count) { output in
            for byte in prefix { output.append(byte) }
            for byte in name.utf8 { output.append(byte) }
            output.append(UInt8(ascii: "="))
            Base64.encode(value, into: &output)
            output.append(UInt8(ascii: "\n"))
        }
    }

    private static func write(_ bytes: Span<UInt8>, to descriptor: CInt) throws(Failure) {
        var written = 0
        while written < bytes.count {
            let (count, code) = unsafe bytes.extracting(droppingFirst: written).withUnsafeBufferPointer { rest in
                let count = unsafe Glibc.write(descriptor, rest.baseAddress, rest.count)
                return (count, errno)
            }
            if count < 0, code != EINTR { throw .writing(code: code) }
            written += max(0, count)
        }
    }
}
