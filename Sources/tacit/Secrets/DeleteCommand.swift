internal import ArgumentParser
internal import TacitClient

/// `tacit delete`
struct DeleteCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Delete a secret.",
        discussion: """
            One of the same name in a parent namespace stays, and becomes visible.

            EXAMPLE
              tacit delete DB_PASSWORD -n company.team
            """
    )

    @Argument(help: "The secret's name.")
    var key: String

    @OptionGroup var place: PlaceArguments
    @OptionGroup(title: "Client options") var client: ClientArguments

    func run() throws {
        var client = try client.client()
        try client.delete(key, in: place.namespace, tenant: place.tenant)
        client.close()
        StandardError.write("deleted \(key) in \(place.description)")
    }
}
