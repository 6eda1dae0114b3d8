internal import ArgumentParser
internal import TacitClient

/// `tacit health`
struct HealthCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "health",
        abstract: "Say whether the agent is up; for probes.",
        discussion: """
            Ends with 0 where it is, with 1 where it is not, with 3 where there is no agent. --live and --ready ask the health \
            endpoint and need no certificate; without them the agent itself is asked, over its socket.

            EXAMPLE
              tacit health --ready
            """
    )

    @Flag(help: "Only whether the process works.")
    var live = false

    @Flag(help: "Only whether it serves.")
    var ready = false

    @Option(
        help: ArgumentHelp("The health endpoint, for --live and --ready; else 127.0.0.1:8081.", valueName: "host:port")
    )
    var address: String?

    @OptionGroup var format: FormatArguments
    @OptionGroup(title: "Client options") var client: ClientArguments

    func validate() throws {
        guard !(live && ready) else { throw ValidationError("--live and --ready are two questions; ask one") }
        guard live || ready || address == nil else {
            throw ValidationError("--address is of use with --live and --ready only")
        }
    }

    func run() throws {
        guard live || ready else { return try HealthPrinter.run(client, format.json, detailed: false) }
        let probe = try HealthProbe(address ?? "127.0.0.1:8081", timeout: client.timeout ?? .seconds(10))
        let isUp = try probe.ask(live ? "/health/liveness" : "/health/readiness")
        let word = isUp ? "UP" : "DOWN"
        try StandardOutput.write(format.json ? JSONValue.object([("status", .text(word))]).encoded + "\n" : word + "\n")
        if !isUp { throw CommandFailure(ProcessEnd.negative) }
    }
}
