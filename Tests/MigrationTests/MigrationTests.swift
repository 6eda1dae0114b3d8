import Migration
import SecretMemory
import Secrets
import Synchronization
import Testing

@Suite("A migration") struct MigrationTests {
    private typealias Row = ScriptedBackend.Row

    private let folder: TemporaryFolder
    private let header = JournalHeader(pair: "pair", source: "from", target: "to", carriesMetadata: true)

    init() throws { folder = try TemporaryFolder() }

    private func name(_ key: String, _ namespace: String = "company") -> SecretName {
        SecretName(tenant: "main", namespace: namespace, key: key)
    }

    private func table(_ backend: ScriptedBackend, _ more: Scope...) -> ScopeTable {
        ScopeTable(more + [Scope(id: 1, name: "default", type: "scripted", backend: backend)])
    }

    private func migration(
        _ source: ScriptedBackend,
        _ target: ScriptedBackend,
        _ change: (inout MigrationOptions) -> Void = { _ in }
    ) -> Migration {
        watched(source, target, { _ in }, change)
    }

    private func watched(
        _ source: ScriptedBackend,
        _ target: ScriptedBackend,
        stop: StopRequest = StopRequest(),
        _ progress: @escaping @Sendable (MigrationProgress) -> Void,
        _ change: (inout MigrationOptions) -> Void
    ) -> Migration {
        var options = MigrationOptions()
        change(&options)
        return Migration(
            source: table(source),
            target: table(target),
            options: options,
            stop: stop,
            progress: progress
        )
    }

    /// Plans and carries out, with the journal of the folder.
    private func run(_ migration: Migration) async throws -> (plan: MigrationPlan, outcome: MigrationOutcome) {
        let (journal, past) = try Journal.open(folder.path("journal"), header)
        let plan = try await migration.plan(MigrationSelection(), resuming: past)
        return (plan, await migration.carryOut(plan, journal))
    }

    private func plan(_ migration: Migration) async throws -> MigrationPlan {
        try await migration.plan(MigrationSelection())
    }

    // MARK: The plan

    @Test("tells what is new, equal, different and impossible, and writes nothing")
    func verdicts() async throws {
        let source = ScriptedBackend([
            name("NEW"): Row(value: "1"), name("EQUAL"): Row(value: "2", tags: ["a": "b"]),
            name("OTHER"): Row(value: "3"),
            name("LABELLED"): Row(value: "4", description: "mine"), name("LARGE"): Row(value: "12345"),
            name("FORBIDDEN"): Row(value: "5"), name("CONTROL\u{7}"): Row(value: "6"),
        ])
        source.change { $0.getFailures["FORBIDDEN"] = .forbidden(detail: "no") }
        let target = ScriptedBackend(
            [
                name("EQUAL"): Row(value: "2", tags: ["a": "b", "more": "c"]), name("OTHER"): Row(value: "x"),
                name("LABELLED"): Row(value: "4", description: "theirs"),
            ],
            maximumBytes: 4
        )
        let plan = try await plan(migration(source, target))
        let verdicts = Dictionary(uniqueKeysWithValues: plan.secrets.map { ($0.name.key, $0.verdict) })
        #expect(verdicts["NEW"] == .new)
        #expect(verdicts["EQUAL"] == .equal)
        #expect(verdicts["OTHER"] == .differentValue)
        #expect(verdicts["LABELLED"] == .differentMetadata)
        #expect(
            verdicts["LARGE"] == .refused("the target refuses it: the value is larger than the 4 bytes that it takes")
        )
        #expect(verdicts["FORBIDDEN"] == .refused("the source does not give it: no"))
        #expect(verdicts["CONTROL\u{7}"] == .refused("its key has a control character, a space or a slash"))
        #expect(plan.isBlocked)
        #expect(plan.conflicts.map(\.name.key) == ["LABELLED", "OTHER"])
        #expect(target.puts == 0)
    }

    @Test("what a secret loses at the target is told before, and blocks unless only values are wanted")
    func losses() async throws {
        let row = Row(value: "1", description: "d", tags: ["a": "b"])
        let source = ScriptedBackend([name("A"): row])
        let target = ScriptedBackend(keeps: .tags)
        let plan = try await plan(migration(source, target))
        #expect(plan.isBlocked)
        #expect(plan.losing.map(\.lost) == [.description])
        let bare = try await self.plan(migration(source, target) { $0.carriesMetadata = false })
        #expect(!bare.isBlocked)
    }

    @Test("what a nearer scope hides is not copied")
    func hidden() async throws {
        let near = ScriptedBackend([name("A", "company.team"): Row(value: "near")])
        let far = ScriptedBackend([
            name("A", "company.team"): Row(value: "hidden"), name("B", "other"): Row(value: "2"),
        ])
        let scope = Scope(id: 2, name: "near", tenant: "main", namespace: "company", type: "scripted", backend: near)
        let target = ScriptedBackend()
        let migration = Migration(source: table(far, scope), target: table(target))
        let outcome = try await run(migration).outcome
        #expect(outcome.copied == 2)
        #expect(target.rows[name("A", "company.team")]?.value == "near")
    }

    @Test("more secrets than the bound are refused, and as many are not")
    func bound() async throws {
        let rows = Dictionary(uniqueKeysWithValues: (0..<6).map { (name("K\($0)"), Row(value: "v")) })
        let plan = try await plan(migration(ScriptedBackend(rows), ScriptedBackend()) { $0.limits.secrets = 6 })
        #expect(plan.secrets.count == 6)
        await #expect(throws: MigrationFailure.self) {
            _ = try await self.plan(migration(ScriptedBackend(rows), ScriptedBackend()) { $0.limits.secrets = 5 })
        }
    }

    @Test("a source that cannot list, and a target that cannot be written to, are refused")
    func capabilities() async throws {
        let rows = [name("A"): Row(value: "1")]
        let blind = ScriptedBackend(rows, capabilities: [.namespaces, .write])
        let closed = ScriptedBackend(capabilities: [.list])
        for (source, target) in [(blind, ScriptedBackend()), (ScriptedBackend(rows), closed)] {
            let error = await #expect(throws: MigrationFailure.self) { _ = try await plan(migration(source, target)) }
            guard case .refused = error else { return #expect(Bool(false), "\(String(describing: error))") }
        }
    }

    @Test("a target that cannot list is asked for each name")
    func silentTarget() async throws {
        let source = ScriptedBackend([name("A"): Row(value: "1"), name("B"): Row(value: "2")])
        let target = ScriptedBackend([name("A"): Row(value: "1")], capabilities: [.write])
        let plan = try await plan(migration(source, target))
        #expect(plan.secrets.map(\.verdict) == [.equal, .new])
    }

    // MARK: Carrying it out

    @Test("carries values with description and tags, a bounded number at a time")
    func carries() async throws {
        let rows = Dictionary(
            uniqueKeysWithValues: (0..<300).map {
                (name("K\($0)"), Row(value: "v\($0)", description: "d", tags: ["n": "\($0)"]))
            }
        )
        let (source, target) = (ScriptedBackend(rows), ScriptedBackend())
        let seen = Mutex<[MigrationProgress]>([])
        let migration = watched(source, target, { progress in seen.withLock { $0.append(progress) } }) {
            $0.limits.page = 70
            $0.limits.breadth = 3
        }
        let outcome = try await run(migration).outcome
        #expect(outcome.copied == 300)
        #expect(outcome.failed.isEmpty && outcome.end == nil)
        #expect(target.rows == rows)
        #expect(source.state.withLock { $0.mostUnderWay } <= 3)
        let last = seen.withLock { $0.last }
        #expect(last == MigrationProgress(phase: .copying, done: 300, total: 300))
        let again = try await plan(self.migration(source, target))
        #expect(again.counts.equal == 300)
    }

    @Test("a value that arrives as another is no success")
    func garbled() async throws {
        let source = ScriptedBackend([name("A"): Row(value: "1"), name("B"): Row(value: "2")])
        let target = ScriptedBackend()
        target.change { $0.garbles["A"] = "something else" }
        let outcome = try await run(migration(source, target)).outcome
        #expect(outcome.copied == 1)
        #expect(outcome.failed.map(\.name.key) == ["A"])
        #expect(outcome.failed.allSatisfy { !$0.reason.contains("something else") })
    }

    @Test("a write of which nobody knows is looked up and made again; one that is refused fails alone")
    func unknownWrites() async throws {
        let source = ScriptedBackend([name("A"): Row(value: "1")])
        let target = ScriptedBackend()
        target.change { $0.putFailures = [.unavailable(detail: "gone"), nil] }
        #expect(try await run(migration(source, target)).outcome.copied == 1)
        #expect(target.puts == 2)
        let other = ScriptedBackend([name("C"): Row(value: "1"), name("D"): Row(value: "2")])
        let strict = ScriptedBackend()
        strict.change { $0.putFailures = [.forbidden(detail: "not this one")] }
        let outcome = try await run(migration(other, strict) { $0.limits.breadth = 1 }).outcome
        #expect(outcome.copied == 1)
        #expect(outcome.failed.map(\.reason) == ["the target refuses it: not this one"])
        #expect(outcome.end == nil)
    }

    @Test("what found no locked memory beside others is copied alone")
    func crowded() async throws {
        let source = ScriptedBackend([name("A"): Row(value: "1"), name("B"): Row(value: "2")])
        let target = ScriptedBackend()
        target.change { $0.putFailures = [.memory(.arenaFull)] }
        let outcome = try await run(migration(source, target) { $0.limits.breadth = 1 }).outcome
        #expect(outcome.copied == 2)
        target.change { $0.rows = [:] }
        target.change { $0.putFailures = Array(repeating: .memory(.arenaFull), count: 4) }
        _ = try? Journal.open(folder.path("journal"), header).journal.remove()
        let failed = try await run(migration(source, target)).outcome
        #expect(failed.failed.count == 2)
    }

    @Test("what found no locked memory to be compared in beside others is compared alone")
    func crowdedComparison() async throws {
        let source = ScriptedBackend([name("A"): Row(value: "1"), name("B"): Row(value: "2")])
        source.change { $0.shortages = 2 }
        let plan = try await plan(migration(source, ScriptedBackend()))
        #expect(plan.counts.new == 2)
        source.change { $0.shortages = 3 }
        let short = try await self.plan(migration(source, ScriptedBackend()))
        #expect(short.counts.new == 1)
        #expect(short.refused.count == 1)
    }

    @Test("a manager that is gone ends it, and the next run goes on where it was")
    func goesOn() async throws {
        let rows = Dictionary(
            uniqueKeysWithValues: (0..<40).map { (name("K\($0)"), Row(value: "\($0)", tags: ["n": "1"])) }
        )
        let (source, target) = (ScriptedBackend(rows), ScriptedBackend())
        let away = BackendError.unavailable(detail: "gone")
        target.change { $0.putFailures = Array(repeating: nil, count: 25) + Array(repeating: away, count: 200) }
        let first = try await run(migration(source, target) { $0.limits.page = 10 }).outcome
        #expect(first.end?.mayPass == true)
        target.change { $0.putFailures = [] }
        let (plan, second) = try await run(migration(source, target))
        #expect(plan.counts.carriedBefore == 20)
        #expect(plan.counts.different == 0)
        #expect(second.end == nil && second.failed.isEmpty)
        #expect(target.rows == rows)
    }

    @Test("a value that was written without its tags before the end is completed, and needs no decision")
    func halfWritten() async throws {
        let source = ScriptedBackend([name("A"): Row(value: "1", tags: ["a": "b"])])
        let target = ScriptedBackend([name("A"): Row(value: "1")])
        let untouched = try await plan(migration(source, target))
        #expect(untouched.isBlocked, "somebody else may have written it so")
        do {
            let (journal, _) = try Journal.open(folder.path("journal"), header)
            try journal.append(.begun(name("A")))
        }
        let (plan, outcome) = try await run(migration(source, target))
        #expect(!plan.isBlocked)
        #expect(outcome.copied == 1)
        #expect(target.rows == source.rows)
    }

    @Test("told to stop it begins nothing new")
    func stops() async throws {
        let rows = Dictionary(uniqueKeysWithValues: (0..<50).map { (name("K\($0)"), Row(value: "\($0)")) })
        let (source, target) = (ScriptedBackend(rows), ScriptedBackend())
        let stop = StopRequest()
        let note: @Sendable (MigrationProgress) -> Void = { progress in
            if progress.phase == .copying, progress.done >= 5 { stop.make() }
        }
        let migration = watched(source, target, stop: stop, note) { $0.limits.breadth = 2 }
        let outcome = try await run(migration).outcome
        #expect(outcome.end == .stopped)
        #expect((5...8).contains(target.rows.count))
        await #expect(throws: MigrationFailure.stopped) { _ = try await plan(migration) }
    }
}
