internal import Glibc
internal import Secrets
internal import Synchronization

/// The file that says what was done, for a run that goes on where this one ended. It survives the end of the process at any
/// moment; after the end of the machine the last second of it may be missing. What it does not name is compared again.
package final class Journal: Sendable {
    /// Bytes that it may grow to.
    package static let maximumBytes = 256 << 20
    /// Records after which it is made durable.
    private static let batch = 512
    /// The same in time.
    private static let interval = Duration.seconds(1)

    private struct State: Sendable {
        /// Bytes of sound lines.
        var length: Int
        var pending = 0
        var durableAt = ContinuousClock.now
    }

    package let path: String
    private let file: JournalFile
    private let state: Mutex<State>

    /// Whether there is anything of this name.
    package static func exists(_ path: String) -> Bool { JournalFile.exists(path) }

    /// Opens the journal and reads what it says, or begins one.
    package static func open(
        _ path: String,
        _ header: JournalHeader
    ) throws(JournalFailure) -> (journal: Journal, past: JournalContent) {
        let file = try JournalFile(path: path)
        let bytes = try file.read(limit: maximumBytes)
        guard let firstEnd = bytes.firstIndex(of: JournalLine.end) else {
            // A beginning of our own header is what is left where the machine ended in that moment.
            guard header.line.starts(with: bytes) else { throw .foreign(path: path) }
            try file.cut(to: 0)
            try file.append(header.line)
            try file.makeDurable()
            try file.makeNameDurable()
            return (Journal(path, file, length: header.line.count), JournalContent())
        }
        guard let found = JournalLine.decode(bytes[..<firstEnd]).flatMap(JournalHeader.init) else {
            throw .foreign(path: path)
        }
        guard found.pair == header.pair else {
            throw .otherPair(path: path, source: found.source, target: found.target)
        }
        guard found.carriesMetadata == header.carriesMetadata else {
            throw .otherMetadata(path: path, carriesMetadata: header.carriesMetadata)
        }
        let (past, length) = content(of: bytes, from: firstEnd + 1)
        try file.cut(to: length)
        return (Journal(path, file, length: length), past)
    }

    /// Everything up to the first line that is not whole.
    private static func content(of bytes: [UInt8], from start: Int) -> (JournalContent, length: Int) {
        var content = JournalContent()
        var length = start
        while let end = bytes[length...].firstIndex(of: JournalLine.end),
            let record = JournalLine.decode(bytes[length..<end]).flatMap(JournalRecord.init)
        {
            content.add(record)
            length = end + 1
        }
        return (content, length)
    }

    private init(_ path: String, _ file: consuming JournalFile, length: Int) {
        self.path = path
        self.file = file
        state = Mutex(State(length: length))
    }

    /// Adds a line. Another process that reads the file has it at once.
    package func append(_ record: JournalRecord) throws(JournalFailure) {
        try state.withLock { (state) throws(JournalFailure) in
            let line = record.line
            guard state.length + line.count <= Self.maximumBytes else {
                throw .full(path: path, limit: Self.maximumBytes)
            }
            do throws(JournalFailure) { try file.append(line) } catch {
                // What was written of the line is taken back, so that the file stays whole.
                try? file.cut(to: state.length)
                throw error
            }
            state.length += line.count
            state.pending += 1
            let now = ContinuousClock.now
            guard state.pending >= Self.batch || now - state.durableAt >= Self.interval else { return }
            try file.makeDurable()
            state.pending = 0
            state.durableAt = now
        }
    }

    /// Waits until everything is on the disk.
    package func makeDurable() throws(JournalFailure) {
        try state.withLock { (state) throws(JournalFailure) in
            guard state.pending > 0 else { return }
            try file.makeDurable()
            state.pending = 0
        }
    }

    /// Removes the file, once there is nothing left to go on with.
    package func remove() throws(JournalFailure) { try file.remove() }
}
