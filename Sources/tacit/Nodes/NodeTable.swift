internal import TacitClient

/// The registry of nodes, for people and for programs.
enum NodeTable {
    /// States in which an instance is as it should be, or has ended as it should.
    private static let good: Set<String> = [
        "CREATED", "RUNNING", "MAINTENANCE", "TERMINATING", "TERMINATED_GRACEFULLY", "NOT_RUNNING", "INACTIVE",
    ]

    static func isTrouble(_ node: NodeInstance) -> Bool { !good.contains(node.state) || !node.problems.isEmpty }

    static func text(_ list: NodeList) -> String {
        let rows = list.nodes.sorted { ($0.node, $0.createdAt) < ($1.node, $1.createdAt) }.map { node in
            [
                node.node + (node.id == list.ownID ? " *" : ""), node.state, span(node.silence), node.version,
                String(node.id.prefix(8)), TimeText.utc(milliseconds: node.createdAt),
                node.listeners.joined(separator: " "), node.problems.joined(separator: " "),
            ]
        }
        let head = ["NODE", "STATE", "LAST BEAT", "VERSION", "INSTANCE", "SINCE", "LISTENING", "PROBLEMS"]
        let damaged = list.damaged > 0 ? "\(list.damaged) more that cannot be read\n" : ""
        return TextTable.text([head] + rows) + damaged
    }

    /// As in `3 s ago`.
    private static func span(_ duration: Duration) -> String {
        let seconds = duration.components.seconds
        switch seconds {
        case ..<120: return "\(seconds) s ago"
        case ..<7200: return "\(seconds / 60) min ago"
        case ..<172_800: return "\(seconds / 3600) h ago"
        default: return "\(seconds / 86_400) d ago"
        }
    }

    static func json(_ list: NodeList) -> JSONValue {
        .object([
            ("ownId", .text(list.ownID)), ("ageMs", .number(milliseconds(list.age))),
            ("damaged", .number(Int64(list.damaged))),
            (
                "nodes",
                .list(
                    list.nodes.map { node in
                        .object([
                            ("id", .text(node.id)), ("type", .text(node.type)), ("state", .text(node.state)),
                            ("node", .text(node.node)), ("version", .text(node.version)),
                            ("serverId", .text(node.serverID)), ("createdAtMs", .number(node.createdAt)),
                            ("silentMs", .number(milliseconds(node.silence))),
                            ("timeoutMs", .number(milliseconds(node.timeout))), ("listeners", .texts(node.listeners)),
                            ("problems", .texts(node.problems)),
                        ])
                    }
                )
            ),
        ])
    }

    private static func milliseconds(_ duration: Duration) -> Int64 {
        duration.components.seconds * 1000 + duration.components.attoseconds / 1_000_000_000_000_000
    }
}
