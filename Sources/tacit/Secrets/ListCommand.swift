internal import ArgumentParser
internal import TacitClient

/// `tacit list`
struct ListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Print names and what is known of them; never a value.",
        discussion: """
            EXAMPLE
              tacit list -n company.team --inherited
            """
    )

    @OptionGroup var place: PlaceArguments

    @Flag(help: "Also what the parent namespaces hold and this one does not.")
    var inherited = false

    @Option(help: ArgumentHelp("Only names that begin so.", valueName: "text"))
    var prefix = ""

    @OptionGroup var format: FormatArguments
    @OptionGroup(title: "Client options") var client: ClientArguments

    func run() throws {
        var client = try client.client()
        let entries = try client.listAll(
            ListQuery(in: place.namespace, prefix: prefix, inherited: inherited, tenant: place.tenant)
        )
        client.close()
        if format.json { return try StandardOutput.write(JSONValue.list(entries.map(json)).encoded + "\n") }
        guard !entries.isEmpty else { return StandardError.write("tacit: no secrets in \(place.description)") }
        try StandardOutput.write(TextTable.text([Self.header] + entries.map(row)))
    }

    private static let header = ["NAMESPACE", "KEY", "VERSION", "UPDATED", "DESCRIPTION", "TAGS"]

    private func row(_ entry: SecretEntry) -> [String] {
        [
            entry.namespace.isEmpty ? "-" : entry.namespace, entry.key, entry.version.isEmpty ? "-" : entry.version,
            entry.updatedAt.map { TimeText.utc(milliseconds: $0) } ?? "-",
            entry.description.isEmpty ? "-" : entry.description,
            entry.tags.isEmpty
                ? "-" : entry.tags.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ","),
        ]
    }

    private func json(_ entry: SecretEntry) -> JSONValue {
        .object([
            ("namespace", .text(entry.namespace)),
            ("key", .text(entry.key)),
            ("version", entry.version.isEmpty ? .none : .text(entry.version)),
            ("updated_at_ms", entry.updatedAt.map { .number($0) } ?? .none),
            ("description", .text(entry.description)),
            ("tags", .object(entry.tags.sorted { $0.key < $1.key }.map { ($0.key, .text($0.value)) })),
            ("read_only", .flag(entry.readOnly)),
        ])
    }
}
