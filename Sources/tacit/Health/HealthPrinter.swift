internal import TacitClient

/// What the agent says of its health, over its socket.
enum HealthPrinter {
    /// - Parameter detailed: whether figures are printed too.
    static func run(_ arguments: ClientArguments, _ isJSON: Bool, detailed: Bool) throws {
        var client = try arguments.client()
        let health = try client.health()
        client.close()
        try print(health, isJSON, detailed: detailed)
        if health.status != .up { throw CommandFailure(ProcessEnd.negative) }
    }

    /// Prints it again and again, until interrupted or told by the agent that it goes.
    static func follow(_ arguments: ClientArguments, _ isJSON: Bool, every interval: Duration) throws {
        var client = try arguments.client()
        var failure: (any Error)?
        try client.watchHealth(every: interval) { health in
            do {
                if !isJSON, StandardOutput.isTerminal { try StandardOutput.write("\u{1b}[H\u{1b}[2J") }
                try print(health, isJSON, detailed: true)
                return true
            } catch {
                failure = error
                return false
            }
        }
        if let failure { throw failure }
    }

    private static func print(_ health: AgentHealth, _ isJSON: Bool, detailed: Bool) throws {
        if isJSON {
            try StandardOutput.write(json(health).encoded + "\n")
        } else {
            try StandardOutput.write(detailed ? details(health) : TextTable.facts(words(health)))
        }
    }

    private static func words(_ health: AgentHealth) -> [(String, String)] {
        [("tacit", health.status.rawValue)] + health.parts.map { ($0.name, $0.status.rawValue) }
    }

    private static func details(_ health: AgentHealth) -> String {
        let rows = health.parts.flatMap { part in
            let first = part.details.first
            return [[part.name, part.status.rawValue, first?.name ?? "", first?.value ?? ""]]
                + part.details.dropFirst().map { ["", "", $0.name, $0.value] }
        }
        return TextTable.text([["tacit \(health.version) on \(health.node) is \(health.status.rawValue)"]])
            + TextTable.text(rows)
    }

    private static func json(_ health: AgentHealth) -> JSONValue {
        .object([
            ("status", .text(health.status.rawValue)),
            ("version", .text(health.version)),
            ("node", .text(health.node)),
            (
                "parts",
                .list(
                    health.parts.map { part in
                        .object([
                            ("name", .text(part.name)),
                            ("status", .text(part.status.rawValue)),
                            ("details", .object(part.details.map { ($0.name, .text($0.value)) })),
                        ])
                    }
                )
            ),
        ])
    }
}
