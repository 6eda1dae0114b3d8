internal import ArgumentParser

/// Which files hold the configuration.
struct ConfigurationArguments: ParsableArguments {
    @Option(
        name: [.customShort("c"), .customLong("config")],
        help: ArgumentHelp(
            "A configuration file; - is standard input. May be repeated; a later one wins.",
            valueName: "file"
        ),
        completion: .file()
    )
    var configurations: [String] = ["/etc/tacit/agent.yaml"]
}
