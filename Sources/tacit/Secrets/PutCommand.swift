internal import ArgumentParser
internal import SecretMemory
internal import TacitClient

/// `tacit put`
struct PutCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "put",
        abstract: "Store the value that is read from standard input.",
        discussion: """
            All of standard input is the value, a line break at its end included. On a terminal the value is asked for and \
            not shown.

            EXAMPLE
              printf %s "$password" | tacit put DB_PASSWORD -n company.team --tag owner=billing
            """
    )

    @Argument(help: "The secret's name.")
    var key: String

    @OptionGroup var place: PlaceArguments

    @Option(help: ArgumentHelp("What it is for. Not a secret; it is listed.", valueName: "text"))
    var description = ""

    @Option(
        name: .customLong("tag"),
        help: ArgumentHelp("A label. Not a secret; it is listed. May be repeated.", valueName: "name=value"),
        transform: Tag.init(parsing:)
    )
    var tags: [Tag] = []

    @Flag(help: "Store a value of no bytes, which is otherwise taken for a mistake.")
    var allowEmpty = false

    @OptionGroup(title: "Client options") var client: ClientArguments

    func run() throws {
        var client = try client.client()
        let value = try SecretInput.read(prompt: "Value of \(key): ")
        guard !value.isEmpty || allowEmpty else {
            throw CommandFailure(ProcessEnd.usage, "there was no value on standard input, so nothing was stored")
        }
        let version = try client.put(
            key,
            in: place.namespace,
            value: value.bytes,
            description: description,
            tags: Dictionary(tags.map { ($0.name, $0.value) }) { $1 },
            tenant: place.tenant
        )
        client.close()
        StandardError.write("stored \(key) in \(place.description)" + (version.isEmpty ? "" : ", version \(version)"))
    }

    /// A label of a secret.
    struct Tag {
        let name: String
        let value: String

        /// Reads `NAME=VALUE`.
        init(parsing text: String) throws {
            guard let separator = text.firstIndex(of: "="), separator > text.startIndex else {
                throw ValidationError("a tag is written NAME=VALUE")
            }
            name = String(text[..<separator])
            value = String(text[text.index(after: separator)...])
        }
    }
}
