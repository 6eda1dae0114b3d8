internal import ArgumentParser
internal import SecretMemory
internal import TacitClient

/// `tacit exec`
struct ExecCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "exec",
        abstract: "Run a command with secrets in its environment.",
        discussion: """
            Fetches all of them in one round trip and becomes the command. Where one cannot be had, nothing is run.

            SPEC is NAME=KEY[#SUBKEY][@NAMESPACE]: the variable, the secret, and optionally one field of it, or another \
            namespace than that of -n.

            EXAMPLE
              tacit exec -n company.team --env PGPASSWORD=DB_PASSWORD --env SMTP=MAIL#password@company -- ./report
            """
    )

    @OptionGroup var place: PlaceArguments

    @Option(
        name: .customLong("env"),
        help: ArgumentHelp("A variable and its secret. May be repeated; a later one wins.", valueName: "spec"),
        transform: { text in
            do throws(EnvironmentSpec.Malformed) { return try EnvironmentSpec(parsing: text) } catch {
                throw ValidationError(error.message)
            }
        }
    )
    var specs: [EnvironmentSpec] = []

    @Option(
        help: ArgumentHelp("A file with a SPEC a line; # begins a comment. --env wins over it.", valueName: "file"),
        completion: .file()
    )
    var envFile: String?

    @Flag(help: "As Kestra reads secrets: each variable is named SECRET_NAME, its value is Base64.")
    var kestra = false

    @OptionGroup(title: "Client options") var client: ClientArguments

    @Argument(
        parsing: .postTerminator,
        help: ArgumentHelp("The command and its arguments, after --.", valueName: "command")
    )
    var command: [String] = []

    func validate() throws {
        guard !command.isEmpty else { throw ValidationError("no command is given; it follows --") }
        guard !specs.isEmpty || envFile != nil else {
            throw ValidationError("no secret is named; use --env NAME=KEY or --env-file FILE")
        }
    }

    func run() throws {
        let specs = try wanted()
        var client = try client.client()
        let batch = try client.get(specs.map { $0.reference(in: place.namespace, tenant: place.tenant) })
        client.close()
        throw ProcessReplacement.execute(command, adding: try entries(of: batch, specs))
    }

    /// One spec for each variable.
    private func wanted() throws(CommandFailure) -> [EnvironmentSpec] {
        var wanted: [EnvironmentSpec] = []
        for spec in try (envFile.map { (file) throws(CommandFailure) in try EnvironmentSpecFile.read(file) } ?? [])
            + specs
        {
            if let index = wanted.firstIndex(where: { $0.name == spec.name }) {
                wanted[index] = spec
            } else {
                wanted.append(spec)
            }
        }
        return wanted
    }

    /// - Throws: everything that is amiss, a line each.
    private func entries(
        of batch: borrowing SecretBatch,
        _ specs: [EnvironmentSpec]
    ) throws(CommandFailure) -> [EnvironmentEntry] {
        var entries: [EnvironmentEntry] = []
        var problems: [(status: Int32, text: String)] = []
        batch.forEach { index, result in
            let spec = specs[index]
            let place = "\(spec.name): \(spec.place(in: self.place.namespace))"
            switch result {
            case .found(let secret):
                do throws(EnvironmentEntry.Refusal) {
                    entries.append(try EnvironmentEntry(name: spec.name, value: secret.value.bytes, encoded: kestra))
                } catch {
                    problems.append((ProcessEnd.negative, "\(place): \(Self.words(error))"))
                }
            case .refused(let refusal):
                problems.append((refusal.category.exitStatus, "\(place): \(refusal)"))
            }
        }
        // Of several reasons the worst is the status: unreachable before wrongly asked before no.
        guard let worst = problems.map(\.status).max() else { return entries }
        throw CommandFailure(worst, problems.map(\.text) + ["\(command[0]) was not run"])
    }

    private static func words(_ refusal: EnvironmentEntry.Refusal) -> String {
        switch refusal {
        case .zeroByte: "the value has a zero byte, which an environment cannot hold; --kestra encodes it"
        case .tooLong: "the value is longer than the \(EnvironmentEntry.byteLimit / 1024) KiB that an environment takes"
        case .memory: "there is no locked memory for the value"
        }
    }
}
