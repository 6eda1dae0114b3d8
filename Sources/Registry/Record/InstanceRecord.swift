internal import Liveness
internal import SecretMemory
internal import Secrets

/// An instance as the JSON text of its row. Times are milliseconds.
///
/// There is nothing secret in it; it is read and written by the same code as what is, because that code trusts nothing.
enum InstanceRecord {
    /// Longest text that is read, in bytes.
    static let maximumBytes = 64 * 1024
    /// Longest list of listeners or problems that is read.
    private static let maximumTexts = 64

    /// A row that cannot be read.
    struct Damaged: Error {}

    // MARK: Writing

    static func text(_ instance: ServiceInstance) throws(RegistryError) -> String {
        do throws(MemoryError) {
            var writer = JSONWriter(account: .store)
            try write(instance, &writer)
            // The writer writes UTF-8 and nothing else.
            return try writer.finish().withBytes { String(utf8: $0) } ?? ""
        } catch {
            throw RegistryError("there is no locked memory for a record: \(error)")
        }
    }

    private static func write(_ instance: ServiceInstance, _ writer: inout JSONWriter) throws(MemoryError) {
        try writer.beginObject()
        try writer.member("id", instance.id)
        try writer.member("type", instance.type)
        try writer.member("state", instance.state.rawValue)
        try writer.member("sequence", Int64(clamping: instance.sequence))
        try writer.key("server")
        try writer.beginObject()
        try writer.member("id", instance.server.id)
        try writer.member("version", instance.server.version)
        try writer.member("node", instance.server.node)
        try writer.endObject()
        try writer.member("createdAt", instance.createdAt)
        try writer.member("updatedAt", instance.updatedAt)
        try writer.member("beatAt", instance.beatAt)
        try writer.key("events")
        try writer.beginArray()
        for event in instance.events {
            try writer.beginObject()
            try writer.member("time", event.time)
            try writer.member("state", event.state.rawValue)
            try writer.member("reason", event.reason)
            try writer.endObject()
        }
        try writer.endArray()
        try write(instance.rules, &writer)
        try writer.member("listeners", instance.listeners)
        try writer.member("problems", instance.problems)
        try writer.endObject()
    }

    private static func write(_ rules: LivenessRules, _ writer: inout JSONWriter) throws(MemoryError) {
        try writer.key("liveness")
        try writer.beginObject()
        try writer.key("enabled")
        try writer.boolean(rules.isEnabled)
        try writer.member("interval", rules.interval.milliseconds)
        try writer.member("timeout", rules.timeout.milliseconds)
        try writer.member("initialDelay", rules.initialDelay.milliseconds)
        try writer.member("heartbeatInterval", rules.heartbeatInterval.milliseconds)
        try writer.member("terminationGracePeriod", rules.terminationGracePeriod.milliseconds)
        try writer.member("restartStrategy", rules.restartStrategy.rawValue)
        try writer.endObject()
    }

    // MARK: Reading

    /// - Throws: ``Damaged`` for whatever is no record; what is unknown in it is passed over.
    static func read(_ text: Span<UInt8>) throws(Damaged) -> ServiceInstance {
        guard text.count <= maximumBytes, let bytes = try? SecretBytes(copying: text, account: .store),
            let document = try? JSONDocument(bytes)
        else { throw Damaged() }
        guard let id = document.string(document.node("id")), !id.isEmpty,
            let state = document.string(document.node("state")).flatMap(ServiceState.init(name:)),
            let sequence = document.integer(document.node("sequence")).flatMap(UInt64.init(exactly:)),
            let server = document.node("server"), let createdAt = document.integer(document.node("createdAt"))
        else { throw Damaged() }
        return ServiceInstance(
            id: id,
            type: document.string(document.node("type")) ?? "",
            state: state,
            sequence: sequence,
            server: ServiceInstance.Server(
                id: document.string(document.node("id", in: server)) ?? "",
                version: document.string(document.node("version", in: server)) ?? "",
                node: document.string(document.node("node", in: server)) ?? ""
            ),
            createdAt: createdAt,
            updatedAt: document.integer(document.node("updatedAt")) ?? createdAt,
            beatAt: document.integer(document.node("beatAt")),
            events: events(document),
            rules: rules(document),
            listeners: texts("listeners", document),
            problems: texts("problems", document)
        )
    }

    private static func events(_ document: borrowing JSONDocument) -> [ServiceInstance.Event] {
        guard let list = document.node("events") else { return [] }
        var events: [ServiceInstance.Event] = []
        for node in document.elements(of: list).suffix(ServiceInstance.eventLimit) {
            guard let time = document.integer(document.node("time", in: node)),
                let state = document.string(document.node("state", in: node)).flatMap(ServiceState.init(name:))
            else { continue }
            let reason = document.string(document.node("reason", in: node)) ?? ""
            events.append(ServiceInstance.Event(time: time, state: state, reason: reason))
        }
        return events
    }

    private static func rules(_ document: borrowing JSONDocument) -> LivenessRules {
        var rules = LivenessRules()
        guard let node = document.node("liveness") else { return rules }
        rules.isEnabled = document.boolean(document.node("enabled", in: node)) ?? rules.isEnabled
        for (name, path) in times {
            if let time = document.integer(document.node(name, in: node)), time >= 0 {
                rules[keyPath: path] = .milliseconds(time)
            }
        }
        let strategy = document.string(document.node("restartStrategy", in: node))
        rules.restartStrategy = strategy.flatMap(RestartStrategy.init(rawValue:)) ?? rules.restartStrategy
        return rules
    }

    private static var times: [(String, WritableKeyPath<LivenessRules, Duration>)] {
        [
            ("interval", \.interval), ("timeout", \.timeout), ("initialDelay", \.initialDelay),
            ("heartbeatInterval", \.heartbeatInterval), ("terminationGracePeriod", \.terminationGracePeriod),
        ]
    }

    private static func texts(_ name: String, _ document: borrowing JSONDocument) -> [String] {
        guard let list = document.node(name) else { return [] }
        var texts: [String] = []
        for node in document.elements(of: list).prefix(maximumTexts) {
            if let text = document.string(node) { texts.append(text) }
        }
        return texts
    }
}

extension JSONWriter {
    fileprivate mutating func member(_ name: String, _ text: String) throws(MemoryError) {
        try key(name)
        try string(text)
    }

    fileprivate mutating func member(_ name: String, _ number: Int64) throws(MemoryError) {
        try key(name)
        try integer(number)
    }

    fileprivate mutating func member(_ name: String, _ texts: [String]) throws(MemoryError) {
        try key(name)
        try beginArray()
        for text in texts { try string(text) }
        try endArray()
    }
}

extension Duration {
    /// Whole milliseconds.
    fileprivate var milliseconds: Int64 { nanoseconds / 1_000_000 }
}
