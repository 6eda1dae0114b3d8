internal import Cryptography
internal import Synchronization

/// Who asked for what, and what was decided: one JSON object a line, each with the hash of the line before it, so that a
/// removed or changed line shows.
package final class AuditLog: Sendable {
    /// Why the audit cannot be kept.
    package struct Failure: Error, Equatable, Sendable, CustomStringConvertible {
        package let description: String
    }

    /// What happened since the start.
    package struct Statistics: Sendable {
        package let written: UInt64
        package let dropped: UInt64
        package let failures: UInt64
        /// Why the last write failed; nil where it did not.
        package let lastFailure: String?
        /// When records were written last, in milliseconds since 1970; nil where none were since the start.
        package let lastWrite: Int64?
    }

    /// Longest line that the chain is taken up from after a restart.
    static let longestLine = 64 << 10

    private struct State: ~Copyable {
        var file: AuditFile
        var digest: Digest256
        /// The hash of the last line; zeros before the first.
        var previous = [32 of UInt8](repeating: 0)
        var sequence: UInt64 = 0
        var lines = LineBuffer()
        /// The time of the lines, down to the second: most turns share theirs.
        private var second: Int64 = -1
        private var stamp = LineBuffer(capacity: 64)

        init(file: consuming AuditFile, digest: consuming Digest256) {
            self.file = file
            self.digest = digest
        }

        private mutating func writeStamp(_ time: Int64) {
            if time / 1000 != second {
                second = time / 1000
                stamp.removeAll()
                stamp.append("{\"time\":\"")
                stamp.append(copying: WallClock.secondText(time))
                stamp.append(UInt8(ascii: "."))
            }
            lines.append(stamp)
            let milliseconds = time % 1000
            lines.append(UInt8(ascii: "0") + UInt8(milliseconds / 100))
            lines.append(UInt8(ascii: "0") + UInt8(milliseconds / 10 % 10))
            lines.append(UInt8(ascii: "0") + UInt8(milliseconds % 10))
            lines.append("Z\"")
        }

        /// Adds one line and takes up its hash.
        mutating func add(
            time: Int64,
            node: Span<UInt8>,
            fields: Span<UInt8>
        ) throws(CryptographyError) {
            let start = lines.count
            sequence += 1
            writeStamp(time)
            lines.append(node)
            lines.append(",\"sequence\":")
            lines.append(decimal: Int64(clamping: sequence))
            lines.append(fields)
            lines.append(",\"previous\":\"")
            lines.append(hex: previous)
            lines.append("\"}")
            previous = try lines.hash(from: start, with: &digest)
            lines.append(UInt8(ascii: "\n"))
        }
    }

    /// nil: standard output.
    private let path: String?
    private let node: [UInt8]
    private let state: Mutex<State>
    private let written = Atomic<UInt64>(0)
    private let failures = Atomic<UInt64>(0)
    /// 0: not yet.
    private let lastWrite = Atomic<Int64>(0)
    private let lastFailure = Mutex<String?>(nil)
    private let isFailing = Atomic(false)

    /// Opens the file and takes up the chain where it ended.
    package init(path: String?, node: String) throws(Failure) {
        var prefix = AuditBatch()
        prefix.field("node", node)
        self.node = prefix.fields
        self.path = path
        do {
            var opened = State(file: try Self.open(path), digest: try Digest256())
            try Self.takeUp(&opened)
            state = Mutex(opened)
        } catch let error as AuditFile.Failure {
            throw Failure(description: error.description)
        } catch {
            throw Failure(description: "the audit needs SHA-256: \(error)")
        }
    }

    private static func open(_ path: String?) throws(AuditFile.Failure) -> AuditFile {
        guard let path else { return try AuditFile() }
        return try AuditFile(path: path)
    }

    private static func takeUp(_ state: inout State) throws {
        var tail = state.file.tail(limit: longestLine)
        guard !tail.isEmpty else { return }
        if tail.last == UInt8(ascii: "\n") {
            tail.removeLast()
        } else {
            // A line that a crash cut short stays, ended, so that the next begins on its own.
            try state.file.append([UInt8(ascii: "\n")].span)
        }
        let line = tail.lastIndex(of: UInt8(ascii: "\n")).map { Array(tail[($0 + 1)...]) } ?? tail
        try state.digest.update(line.span)
        state.previous = try state.digest.finalize()
        state.sequence = sequence(in: line)
    }

    /// The number behind `"sequence":` in a line of ours; 0 where there is none.
    private static func sequence(in line: [UInt8]) -> UInt64 {
        let mark = Array("\"sequence\":".utf8)
        guard line.count > mark.count else { return 0 }
        for start in 0..<(line.count - mark.count) where Array(line[start..<(start + mark.count)]) == mark {
            var number: UInt64 = 0
            for byte in line[(start + mark.count)...] {
                guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9"), number < 1 << 59 else { break }
                number = number * 10 + UInt64(byte - UInt8(ascii: "0"))
            }
            return number
        }
        return 0
    }

    /// Writes a turn's records. They are with the kernel when this returns.
    ///
    /// - Parameter time: milliseconds since 1970.
    package func write(_ batch: borrowing AuditBatch, time: Int64) throws(Failure) {
        try write(batch.bytes, ends: batch.ends, time: time)
    }

    func write(_ records: AuditRecords) throws(Failure) {
        try write(records.fields.span, ends: records.ends, time: records.time)
    }

    private func write(_ fields: Span<UInt8>, ends: [Int], time: Int64) throws(Failure) {
        guard !ends.isEmpty else { return }
        do {
            try state.withLock { state in try append(fields, ends, time, &state) }
            written.add(UInt64(ends.count), ordering: .relaxed)
            lastWrite.store(time, ordering: .relaxed)
            clearFailure()
        } catch {
            let text = (error as? AuditFile.Failure)?.description ?? "\(error)"
            failures.add(1, ordering: .relaxed)
            lastFailure.withLock { $0 = text }
            isFailing.store(true, ordering: .relaxed)
            throw Failure(description: text)
        }
    }

    private func clearFailure() {
        guard isFailing.load(ordering: .relaxed) else { return }
        isFailing.store(false, ordering: .relaxed)
        lastFailure.withLock { $0 = nil }
    }

    private func append(
        _ fields: Span<UInt8>,
        _ ends: [Int],
        _ time: Int64,
        _ state: inout State
    ) throws {
        let sequence = state.sequence
        let previous = state.previous
        let node = node
        state.lines.removeAll()
        do {
            var start = 0
            for end in ends {
                try state.add(time: time, node: node.span, fields: fields.extracting(start..<end))
                start = end
            }
            try state.file.append(state.lines.bytes)
        } catch {
            // What was not written is not part of the chain.
            state.sequence = sequence
            state.previous = previous
            throw error
        }
    }

    /// Opens the path anew, after the file was moved away by rotation. On failure the old file stays in use.
    package func reopen() throws(Failure) {
        // It is locked, and would not let itself be opened twice.
        if state.withLock({ $0.file.isInPlace }) { return }
        do throws(AuditFile.Failure) {
            let file = try Self.open(path)
            exchange(file)
        } catch {
            throw Failure(description: error.description)
        }
    }

    private func exchange(_ file: consuming sending AuditFile) {
        var incoming: AuditFile? = file
        state.withLock { state in
            if let file = incoming.take() { state.file = file }
        }
    }

    package var statistics: Statistics {
        let last = lastWrite.load(ordering: .relaxed)
        return Statistics(
            written: written.load(ordering: .relaxed),
            dropped: 0,
            failures: failures.load(ordering: .relaxed),
            lastFailure: lastFailure.withLock { $0 },
            lastWrite: last > 0 ? last : nil
        )
    }
}
