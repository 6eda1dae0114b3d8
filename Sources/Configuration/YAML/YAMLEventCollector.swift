internal import SecretMemory

/// Gathers events and text, within the limits.
struct YAMLEventCollector: ~Copyable {
    private let file: String
    private let limits: ConfigurationLimits
    private var events: [YAMLEvent] = []
    private var text: SecretBuffer
    private var depth = 0
    private var anchors = 0
    private var hasDocument = false

    init(file: String, byteCount: Int, limits: ConfigurationLimits) {
        self.file = file
        self.limits = limits
        // An escape such as `\L` becomes one byte more than it was written with.
        text = SecretBuffer(limit: byteCount * 2 + 64, account: .general)
    }

    mutating func startDocument(line: Int) throws(ConfigurationError) {
        if hasDocument { throw problem(line, 1, "holds more than one document; use one file for each") }
        hasDocument = true
    }

    mutating func scalar(
        _ value: UnsafeBufferPointer<UInt8>,
        isPlain: Bool,
        anchor: UnsafeBufferPointer<UInt8>,
        _ line: Int,
        _ column: Int
    ) throws(ConfigurationError) {
        let name = try unsafe keepAnchor(anchor, line, column)
        let range = try unsafe keep(value, line, column)
        try add(.scalar(range, isPlain: isPlain), anchor: name, line, column)
    }

    mutating func start(
        _ kind: YAMLEvent.Kind,
        anchor: UnsafeBufferPointer<UInt8>,
        _ line: Int,
        _ column: Int
    ) throws(ConfigurationError) {
        depth += 1
        guard depth <= limits.depth else { throw problem(line, column, "is nested deeper than \(limits.depth) levels") }
        let name = try unsafe keepAnchor(anchor, line, column)
        try add(kind, anchor: name, line, column)
    }

    mutating func end(_ line: Int, _ column: Int) {
        depth -= 1
        events.append(YAMLEvent(kind: .end, anchor: nil, line: line, column: column))
    }

    mutating func alias(
        _ name: UnsafeBufferPointer<UInt8>,
        _ line: Int,
        _ column: Int
    ) throws(ConfigurationError) {
        let range = try unsafe keep(name, line, column)
        try add(.alias(range), anchor: nil, line, column)
    }

    /// Moves the text into a block of its exact size.
    consuming func finish() throws(ConfigurationError) -> YAMLEvents {
        do throws(MemoryError) {
            let value = try SecretBytes(copying: text.bytes, account: .general)
            return YAMLEvents(events: events, text: SharedSecret(value))
        } catch {
            throw problem(0, 0, "there is no locked memory for it (\(error))")
        }
    }

    private mutating func add(
        _ kind: YAMLEvent.Kind,
        anchor: Range<Int>?,
        _ line: Int,
        _ column: Int
    ) throws(ConfigurationError) {
        guard events.count < limits.nodes * 2 else {
            throw problem(line, column, "holds more than \(limits.nodes) nodes")
        }
        events.append(YAMLEvent(kind: kind, anchor: anchor, line: line, column: column))
    }

    private mutating func keepAnchor(
        _ name: UnsafeBufferPointer<UInt8>,
        _ line: Int,
        _ column: Int
    ) throws(ConfigurationError) -> Range<Int>? {
        guard !name.isEmpty else { return nil }
        anchors += 1
        guard anchors <= limits.anchors else {
            throw problem(line, column, "holds more than \(limits.anchors) anchors")
        }
        return try unsafe keep(name, line, column)
    }

    private mutating func keep(
        _ bytes: UnsafeBufferPointer<UInt8>,
        _ line: Int,
        _ column: Int
    ) throws(ConfigurationError) -> Range<Int> {
        let start = text.count
        do throws(MemoryError) {
            let span = unsafe Span(_unsafeElements: bytes)
            try text.append(span)
        } catch {
            throw problem(line, column, "there is no locked memory for it (\(error))")
        }
        return start..<text.count
    }

    private borrowing func problem(_ line: Int, _ column: Int, _ message: String) -> ConfigurationError {
        ConfigurationError(ConfigurationProblem(file: file, line: line, column: column, message: message))
    }
}
