import Logging
import Synchronization

/// A list that several threads add to.
final class Recorded<Element: Sendable>: Sendable {
    private let elements = Mutex<[Element]>([])

    func append(_ element: Element) { elements.withLock { $0.append(element) } }

    var all: [Element] { elements.withLock { $0 } }
}

extension Recorded where Element == String {
    /// Lines that contain this.
    func lines(_ text: String) -> [String] { all.filter { $0.contains(text) } }

    /// A logger whose lines are added here.
    var logger: Logger { Logger(label: "tests", factory: { _ in RecordingHandler(lines: self) }) }
}

private struct RecordingHandler: LogHandler {
    let lines: Recorded<String>
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    init(lines: Recorded<String>) { self.lines = lines }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let fields = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
        let words = ["\(event.level)", "\(event.message)"] + fields.map { "\($0.key)=\($0.value)" }
        lines.append(words.joined(separator: " "))
    }
}
