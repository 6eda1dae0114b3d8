internal import ArgumentParser
internal import Configuration
internal import TacitClient

/// Where the agent is and who is asking: the options of every command that talks to an agent.
struct ClientArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The agent's address: unix:///PATH or tcp://HOST:PORT.",
            discussion: "Else TACIT_SOCKET, else unix:///run/tacit/agent.sock.",
            valueName: "address"
        )
    )
    var socket: String?

    @Option(
        help: ArgumentHelp("Your certificate (PEM). Else TACIT_CERTIFICATE.", valueName: "file"),
        completion: .file()
    )
    var certificate: String?

    @Option(
        help: ArgumentHelp("Its private key (PEM). Else TACIT_PRIVATE_KEY.", valueName: "file"),
        completion: .file()
    )
    var privateKey: String?

    @Option(
        help: ArgumentHelp("The authorities of the agent's certificate (PEM). Else TACIT_CA.", valueName: "file"),
        completion: .file()
    )
    var ca: String?

    @Option(
        help: ArgumentHelp(
            "How long an answer may take, connecting included: 500ms, 10s, 1m.",
            discussion: "Else 10s.",
            valueName: "duration"
        ),
        transform: DurationArgument.parse
    )
    var timeout: Duration?

    /// A client that connects with its first call.
    func client() throws(ClientError) -> TacitClient {
        let overrides = ClientOptions.Overrides(
            address: socket,
            certificate: certificate,
            privateKey: privateKey,
            authority: ca,
            timeout: timeout
        )
        return try TacitClient(.fromEnvironment(overrides))
    }
}

/// Durations on the command line, in the words of the configuration.
enum DurationArgument {
    /// More than nothing.
    static func parse(_ text: String) throws -> Duration {
        let duration = try parseOrZero(text)
        guard duration > .zero else { throw ValidationError("must be more than 0") }
        return duration
    }

    /// Nothing included.
    static func parseOrZero(_ text: String) throws -> Duration {
        do throws(DurationText.Refusal) { return try DurationText.parse(text) } catch {
            throw ValidationError(error.message)
        }
    }
}
