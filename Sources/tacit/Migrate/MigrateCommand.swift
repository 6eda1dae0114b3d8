internal import Agent
internal import ArgumentParser
internal import EventLoop
internal import Migration

/// `tacit migrate`
struct MigrateCommand: AsyncCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate",
        abstract: "Copy secrets from the managers of one configuration to those of another.",
        discussion: """
            Nothing is deleted, and nothing is written before everything was compared. Where the target has other content, nothing \
            is written at all, unless --overwrite or --skip-existing says what to do. The same command again goes on where one \
            that was interrupted ended.

            Ends with 0 where the target has everything; 1 where something was not copied, or --dry-run finds that it would not \
            be; 2 on wrong usage or configuration, or a journal that cannot be written; 3 where a secrets manager cannot be \
            reached; 129, 130 or 143 where a signal ended it.

            EXAMPLE
              tacit migrate --from sqlite.yaml --to vault.yaml --dry-run
            """
    )

    @Option(
        help: ArgumentHelp("The configuration to copy from, as the agent reads it.", valueName: "file"),
        completion: .file()
    )
    var from: String

    @Option(help: ArgumentHelp("The configuration to copy to.", valueName: "file"), completion: .file())
    var to: String

    @Option(
        name: [.customShort("n"), .long],
        help: ArgumentHelp(
            "Only this namespace; a.* is one level below a, a.** is a and all below. May be repeated.",
            valueName: "namespace"
        )
    )
    var namespace: [String] = []

    @Option(help: "Only this tenant.")
    var tenant: String?

    @Flag(help: "Say what would be done, and write nothing.")
    var dryRun = false

    @Flag(help: "Replace what the target has with other content.")
    var overwrite = false

    @Flag(help: "Leave what the target has with other content as it is.")
    var skipExisting = false

    @Flag(help: "Leave descriptions and tags behind.")
    var valuesOnly = false

    @Option(
        help: ArgumentHelp("Where to write down what was done, to go on from there.", valueName: "file"),
        completion: .file()
    )
    var journal = "tacit-migrate.journal"

    @OptionGroup var format: FormatArguments

    func validate() throws {
        if overwrite, skipExisting { throw ValidationError("--overwrite and --skip-existing exclude each other") }
        if from == "-", to == "-" { throw ValidationError("only one configuration can be standard input") }
    }

    func execute() async throws {
        let signals: Signals
        do throws(SystemFailure) { signals = try Signals() } catch {
            throw CommandFailure(ProcessEnd.usage, "\(error)")
        }
        let run = try MigrationRun(self)
        let end = try await InterruptedRun.watch(signals, grace: MigrationLimits().grace) { stop in
            await run.execute(stop)
        }
        for message in end.messages { StandardError.write("tacit: \(message)") }
        ProcessEnd.exitWiped(end.status)
    }
}
