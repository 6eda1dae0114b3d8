internal import ArgumentParser

/// Whose names are meant.
struct PlaceArguments: ParsableArguments {
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("The namespace; the root where it is left out.", valueName: "namespace")
    )
    var namespace = ""

    @Option(
        help: ArgumentHelp(
            "The tenant, for identities of several tenants; else that of your certificate.",
            valueName: "tenant"
        )
    )
    var tenant: String?

    /// For messages.
    var description: String { namespace.isEmpty ? "the root namespace" : namespace }
}

/// Whether a program will read the answer.
struct FormatArguments: ParsableArguments {
    @Flag(help: "Print JSON.")
    var json = false
}
