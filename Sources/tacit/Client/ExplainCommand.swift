internal import ArgumentParser
internal import TacitClient
internal import Wire

/// `tacit explain`
struct ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Say why you may, or may not, do something.",
        discussion: """
            Never says whether the key exists. Ends with 1 where the answer is no.

            EXAMPLE
              tacit explain get DB_PASSWORD -n company.team
            """
    )

    @Argument(help: "get, list, put, delete, watch, evict, health or heartbeat.")
    var operation: String

    @Argument(help: "The secret's name; not needed for operations that are about none.")
    var key = ""

    @OptionGroup var place: PlaceArguments
    @OptionGroup var format: FormatArguments
    @OptionGroup(title: "Client options") var client: ClientArguments

    func run() throws {
        var client = try client.client()
        let answer = try client.explain(operation, key, in: place.namespace, tenant: place.tenant)
        client.close()
        try StandardOutput.write(format.json ? json(answer).encoded + "\n" : TextTable.facts(facts(answer)))
        if !answer.allowed { throw CommandFailure(ProcessEnd.negative) }
    }

    private func facts(_ answer: Explanation) -> [(String, String)] {
        var facts = [("Answer", answer.allowed ? "allowed" : "denied")]
        if let reason = answer.reason { facts.append(("Reason", "\(answer.message) (\(reason.rawValue))")) }
        facts.append(("Rule", answer.rule.isEmpty ? "-" : answer.rule))
        if answer.allowed {
            let places = zip(answer.namespaces, answer.scopes).map { namespace, scope in
                "\(namespace.isEmpty ? "the root namespace" : namespace), from \(scope)"
            }
            facts.append(("Searched", places.isEmpty ? "nothing" : places.joined(separator: "\n")))
        }
        return facts
    }

    private func json(_ answer: Explanation) -> JSONValue {
        .object([
            ("allowed", .flag(answer.allowed)),
            ("reason", .optional(answer.reason?.rawValue)),
            ("rule", answer.rule.isEmpty ? .none : .text(answer.rule)),
            ("message", .text(answer.message)),
            ("namespaces", .texts(answer.namespaces)),
            ("scopes", .texts(answer.scopes)),
        ])
    }
}
