internal import Agent
internal import Migration

/// One run of `tacit migrate`, from the configurations to the report.
struct MigrationRun: Sendable {
    private let pair: SourceAndTarget
    private let selection: MigrationSelection
    private let options: MigrationOptions
    private let isRehearsal: Bool
    private let journalPath: String
    private let header: JournalHeader
    private let isJSON: Bool

    init(_ command: MigrateCommand) throws(CommandFailure) {
        var options = MigrationOptions()
        options.existing = command.overwrite ? .overwrite : command.skipExisting ? .skip : .refuse
        options.carriesMetadata = !command.valuesOnly
        self.options = options
        do throws(MigrationFailure) {
            selection = try MigrationSelection(tenant: command.tenant, namespaces: command.namespace)
        } catch {
            throw CommandFailure(ProcessEnd.usage, error.description)
        }
        do throws(ConfigurationCheck.Failure) {
            pair = try SourceAndTarget(from: command.from, to: command.to, isRehearsal: command.dryRun)
        } catch {
            throw CommandFailure(ProcessEnd.usage, error.problems)
        }
        for warning in pair.warnings { StandardError.write("warning: \(warning)") }
        isRehearsal = command.dryRun
        journalPath = command.journal
        header = JournalHeader(
            pair: pair.digest,
            source: command.from,
            target: command.to,
            carriesMetadata: options.carriesMetadata
        )
        isJSON = command.format.json
    }

    func execute(_ stop: StopRequest) async -> RunEnd {
        let end = await run(stop)
        await pair.close()
        return end
    }

    private func run(_ stop: StopRequest) async -> RunEnd {
        let findings = await pair.connect()
        guard findings.isEmpty else {
            let isRefused = findings.contains { $0.outcome == .refused }
            return RunEnd(
                status: isRefused ? ProcessEnd.usage : ProcessEnd.unavailable,
                messages: findings.map { "\($0.subject): \($0.message)" },
                wasStopped: stop.isMade
            )
        }
        let display = ProgressDisplay()
        let migration = Migration(
            source: pair.source,
            target: pair.target,
            options: options,
            stop: stop,
            progress: { display.show($0) }
        )
        var opened: (journal: Journal, past: JournalContent)?
        let plan: MigrationPlan
        do throws(MigrationFailure) {
            if !isRehearsal, Journal.exists(journalPath) { opened = try open() }
            if let past = opened?.past, !past.begun.isEmpty {
                StandardError.write("tacit: going on from \(journalPath): \(past.finished.count) were copied before")
            }
            plan = try await migration.plan(selection, resuming: opened?.past ?? JournalContent())
            // Nothing is left behind where nothing is begun.
            if opened == nil, !isRehearsal, !plan.isBlocked, !plan.written.isEmpty { opened = try open() }
        } catch {
            display.finish()
            return ended(error, stop)
        }
        var outcome: MigrationOutcome?
        if let journal = opened?.journal, !plan.isBlocked { outcome = await migration.carryOut(plan, journal) }
        display.finish()
        return report(plan, outcome, opened?.journal, stop)
    }

    private func open() throws(MigrationFailure) -> (journal: Journal, past: JournalContent) {
        do throws(JournalFailure) { return try Journal.open(journalPath, header) } catch { throw .journal(error) }
    }

    private func report(
        _ plan: MigrationPlan,
        _ outcome: MigrationOutcome?,
        _ journal: Journal?,
        _ stop: StopRequest
    ) -> RunEnd {
        let report = MigrationReport(plan, outcome, isRehearsal: isRehearsal)
        do throws(CommandFailure) {
            try StandardOutput.write(isJSON ? report.json.encoded + "\n" : report.text)
        } catch {
            return RunEnd(status: error.status, messages: error.messages)
        }
        if let end = outcome?.end { return ended(end, stop) }
        guard report.isComplete else { return RunEnd(status: ProcessEnd.negative, messages: report.advice) }
        guard let journal else { return RunEnd(status: 0) }
        do throws(JournalFailure) { try journal.remove() } catch {
            return RunEnd(status: 0, messages: ["everything was copied; \(error)"])
        }
        return RunEnd(status: 0)
    }

    private func ended(_ failure: MigrationFailure, _ stop: StopRequest) -> RunEnd {
        let howToGoOn =
            Journal.exists(journalPath) && !isRehearsal
            ? ["what was done is in \(journalPath): the same command again goes on from there"] : []
        if stop.isMade { return RunEnd(status: ProcessEnd.negative, messages: howToGoOn, wasStopped: true) }
        switch failure {
        case .manager:
            return RunEnd(
                status: failure.mayPass ? ProcessEnd.unavailable : ProcessEnd.usage,
                messages: [failure.description] + howToGoOn
            )
        case .refused, .journal, .stopped: return RunEnd(status: ProcessEnd.usage, messages: [failure.description])
        }
    }
}
