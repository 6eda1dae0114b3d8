/// How a part of the agent is.
package enum HealthStatus: String, Sendable {
    case up = "UP"
    case down = "DOWN"
    case unknown = "UNKNOWN"
}

/// The agent's state and that of each part.
package struct HealthReport: Sendable {
    /// A figure or a word about a part.
    package enum Value: Sendable, Equatable {
        case text(String)
        /// Holds, or may hold, the name of a namespace, an identity or a file: for callers who are granted `health`.
        case name(String)
        case number(Int64)
        case flag(Bool)

        var text: String {
            switch self {
            case .text(let text), .name(let text): text
            case .number(let number): String(number)
            case .flag(let flag): String(flag)
            }
        }
    }

    package struct Part: Sendable {
        package let name: String
        package let status: HealthStatus
        /// How it is, in a sentence for people. Shown to whoever asks: it names no namespace, identity or file.
        package let words: String
        package let details: [(name: String, value: Value)]

        package init(name: String, status: HealthStatus, words: String = "", details: [(name: String, value: Value)]) {
            self.name = name
            self.status = status
            self.words = words
            self.details = details
        }
    }

    package let parts: [Part]
    /// Parts whose trouble is not the agent's own, so that it must not be restarted for them.
    static let foreign: Set<String> = ["backends"]

    /// For the endpoint, which asks nobody who they are: states and figures alone.
    var withoutNames: HealthReport {
        HealthReport(
            parts: parts.map { part in
                let details = part.details.filter { detail in
                    if case .name = detail.value { false } else { true }
                }
                return Part(name: part.name, status: part.status, words: part.words, details: details)
            }
        )
    }

    /// DOWN where a part of the agent itself is; a manager that is down shows in its part only.
    package var status: HealthStatus {
        parts.contains { $0.status == .down && !Self.foreign.contains($0.name) } ? .down : .up
    }
}
