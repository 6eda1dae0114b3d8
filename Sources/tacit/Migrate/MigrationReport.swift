internal import Migration
internal import Secrets

/// What was found and done, for people and for programs. It names secrets and holds none.
struct MigrationReport {
    /// Most names of a kind that the text for people lists.
    private static let listed = 100

    private let plan: MigrationPlan
    private let outcome: MigrationOutcome?
    private let isRehearsal: Bool

    /// - Parameter outcome: nil where nothing was to be written.
    init(_ plan: MigrationPlan, _ outcome: MigrationOutcome?, isRehearsal: Bool) {
        self.plan = plan
        self.outcome = outcome
        self.isRehearsal = isRehearsal
    }

    /// Whether the target has, or would have, all that it was to have.
    var isComplete: Bool {
        !plan.isBlocked && plan.refused.isEmpty && (outcome?.failed.isEmpty ?? true) && outcome?.end == nil
    }

    /// What a person can do.
    var advice: [String] {
        var advice: [String] = []
        if plan.isBlocked { advice.append(isRehearsal ? "nothing would be written" : "nothing was written") }
        if !plan.conflicts.isEmpty {
            advice.append("the target has other content: --overwrite replaces it, --skip-existing leaves it as it is")
        }
        if !plan.losing.isEmpty {
            advice.append("the target does not keep these descriptions or tags: --values-only leaves them behind")
        }
        return advice
    }

    // MARK: For people

    var text: String {
        let counts = plan.counts
        var facts = [
            ("secrets", "\(counts.total)"), ("new", "\(counts.new)"), ("equal", "\(counts.equal)"),
            ("different", "\(counts.different)"), ("cannot be carried over", "\(counts.refused)"),
        ]
        if counts.carriedBefore > 0 { facts.append(("copied by an earlier run", "\(counts.carriedBefore)")) }
        let vanished = counts.vanished + (outcome?.vanished ?? 0)
        if vanished > 0 { facts.append(("gone from the source meanwhile", "\(vanished)")) }
        if let outcome {
            facts.append(("copied and verified", "\(outcome.copied)"))
            if !outcome.failed.isEmpty { facts.append(("failed", "\(outcome.failed.count)")) }
        } else if isRehearsal {
            facts.append(("would be written", "\(plan.isBlocked ? 0 : plan.written.count)"))
        }
        var text = TextTable.facts(facts)
        for (title, rows) in lists where !rows.isEmpty {
            text += "\n\(title):\n"
            text += TextTable.text(rows.prefix(Self.listed).map { ["  " + Self.path($0.name), $0.note] })
            if rows.count > Self.listed { text += "  and \(rows.count - Self.listed) more; --json lists all\n" }
        }
        return text
    }

    private typealias Row = (name: SecretName, note: String)

    private var different: [Row] {
        plan.secrets.compactMap { secret in
            switch secret.verdict {
            case .differentValue: (secret.name, "another value")
            case .differentMetadata: (secret.name, "the same value, another description or other tags")
            default: nil
            }
        }
    }

    private var refused: [Row] {
        plan.secrets.compactMap { secret in
            if case .refused(let reason) = secret.verdict { (secret.name, reason) } else { nil }
        }
    }

    private var lists: [(String, [Row])] {
        [
            ("different at the target", different),
            ("cannot be carried over", refused),
            ("would lose something", plan.losing.map { ($0.name, Self.words($0.lost)) }),
            ("failed", outcome?.failed.map { ($0.name, $0.reason) } ?? []),
        ]
    }

    private static func path(_ name: SecretName) -> String {
        [name.tenant, name.namespace, name.key].filter { !$0.isEmpty }.joined(separator: " ")
    }

    private static func words(_ lost: KeptMetadata) -> String {
        [(KeptMetadata.description, "its description"), (.tags, "its tags")].filter { lost.contains($0.0) }.map(\.1)
            .joined(separator: " and ")
    }

    // MARK: For programs

    var json: JSONValue {
        let counts = plan.counts
        return .object([
            ("dry_run", .flag(isRehearsal)),
            ("complete", .flag(isComplete)),
            (
                "plan",
                .object([
                    ("secrets", .number(Int64(counts.total))), ("new", .number(Int64(counts.new))),
                    ("equal", .number(Int64(counts.equal))), ("different", .number(Int64(counts.different))),
                    ("refused", .number(Int64(counts.refused))),
                    ("copied_before", .number(Int64(counts.carriedBefore))),
                    ("vanished", .number(Int64(counts.vanished))),
                ])
            ),
            (
                "result",
                outcome.map { outcome in
                    .object([
                        ("copied", .number(Int64(outcome.copied))), ("failed", .number(Int64(outcome.failed.count))),
                        ("vanished", .number(Int64(outcome.vanished))), ("ended_early", .flag(outcome.end != nil)),
                    ])
                } ?? .none
            ),
            ("different", Self.json(different)), ("refused", Self.json(refused)),
            ("losing", Self.json(plan.losing.map { ($0.name, Self.words($0.lost)) })),
            ("failed", Self.json(outcome?.failed.map { ($0.name, $0.reason) } ?? [])),
        ])
    }

    private static func json(_ rows: [Row]) -> JSONValue {
        .list(
            rows.map { row in
                .object([
                    ("tenant", .text(row.name.tenant)), ("namespace", .text(row.name.namespace)),
                    ("key", .text(row.name.key)), ("reason", .text(row.note)),
                ])
            }
        )
    }
}
