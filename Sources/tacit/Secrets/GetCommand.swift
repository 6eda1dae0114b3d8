internal import ArgumentParser
internal import SecretMemory
internal import TacitClient

/// `tacit get`
struct GetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "get",
        abstract: "Print one value.",
        discussion: """
            The value goes to standard output exactly as it is stored; a line break follows only on a terminal.

            EXAMPLE
              tacit get DB_PASSWORD -n company.team
              tacit get AWS -n company.team --subkey secretAccessKey
            """
    )

    @Argument(help: "The secret's name.")
    var key: String

    @OptionGroup var place: PlaceArguments

    @Option(help: ArgumentHelp("One field of a secret that is a JSON object.", valueName: "name"))
    var subkey: String?

    @Option(help: ArgumentHelp("The secrets manager's name of an older version.", valueName: "version"))
    var version: String?

    @Option(
        help: ArgumentHelp(
            "How old a cached value may be; 0s asks the secrets manager.",
            discussion: "Else what the agent is configured for.",
            valueName: "duration"
        ),
        transform: DurationArgument.parseOrZero
    )
    var maximumAge: Duration?

    @OptionGroup var format: FormatArguments
    @OptionGroup(title: "Client options") var client: ClientArguments

    func run() throws {
        var client = try client.client()
        let secret = try client.get(
            Reference(
                key,
                in: place.namespace,
                subkey: subkey,
                version: version,
                maximumAge: maximumAge,
                tenant: place.tenant
            )
        )
        client.close()
        if format.json { return try SecretJSON.write(secret.value.bytes, after: members(of: secret)) }
        try StandardOutput.write(secret.value.bytes)
        if StandardOutput.isTerminal { try StandardOutput.write("\n") }
    }

    private func members(of secret: borrowing Secret) -> [(String, JSONValue)] {
        var members: [(String, JSONValue)] = [("key", .text(key))]
        if let subkey { members.append(("subkey", .text(subkey))) }
        members.append(("namespace", .text(secret.namespace)))
        members.append(("version", secret.version.isEmpty ? .none : .text(secret.version)))
        members.append(("source", .text("\(secret.source)")))
        members.append(("age_ms", .number(secret.age.milliseconds)))
        members.append(("expires_in_ms", secret.expiresIn.map { .number($0.milliseconds) } ?? .none))
        return members
    }
}

extension Duration {
    /// Whole milliseconds.
    var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1000 + attoseconds / 1_000_000_000_000_000
    }
}
