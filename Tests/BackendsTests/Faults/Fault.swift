import Testing

/// What a fake does instead of answering, and the kind of error that this is.
struct Fault: Sendable, CustomTestStringConvertible {
    let name: String
    let more: [String: any Sendable]
    let expected: String

    init(_ name: String, _ more: [String: any Sendable], _ expected: String) {
        self.name = name
        self.more = more
        self.expected = expected
    }

    init(_ name: String, _ expected: String) { self.init(name, [:], expected) }

    var testDescription: String {
        let members = more.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }
        return name + members.joined() + " is " + expected
    }

    /// What happens to whatever speaks HTTP.
    static let common = [
        Fault("cut", "unavailable"), Fault("drop", "unavailable"), Fault("wrong-json", "malformed"),
        Fault("error", ["status": 500], "unavailable"), Fault("error", ["status": 503, "html": true], "unavailable"),
        Fault("throttle", "throttled"), Fault("huge", ["bytes": 5 << 20], "malformed"),
        Fault("redirect", ["location": "http://localhost/v1/x"], "malformed"),
    ]

    static func page(_ expected: String) -> Fault {
        Fault("answer", ["status": 200, "body": "<html>", "headers": ["Content-Type": "text/html"]], expected)
    }
}
