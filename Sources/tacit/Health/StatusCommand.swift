internal import ArgumentParser
internal import TacitClient

/// `tacit status`
struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Print the agent's state and that of each part; for people.",
        discussion: """
            Needs the operation health. Ends with 1 where the agent is not up.

            EXAMPLE
              tacit status
            """
    )

    @Flag(help: "Print it again every two seconds, until interrupted.")
    var watch = false

    @OptionGroup var format: FormatArguments
    @OptionGroup(title: "Client options") var client: ClientArguments

    func run() throws {
        guard watch else { return try HealthPrinter.run(client, format.json, detailed: true) }
        try HealthPrinter.follow(client, format.json, every: .seconds(2))
    }
}
