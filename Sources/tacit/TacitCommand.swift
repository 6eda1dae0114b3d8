internal import Agent
internal import ArgumentParser

/// The root of the command line.
struct TacitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tacit",
        abstract: "A per-node secrets agent: workers fetch their secrets from it over mutual TLS.",
        discussion: """
            Ends with 0 where it did what was asked; 1 where the answer is no; 2 on wrong usage or configuration; 3 where the \
            agent, or the secrets manager behind it, cannot be reached.
            """,
        version: AgentVersion.current,
        groupedSubcommands: [
            CommandGroup(name: "Agent", subcommands: [AgentCommand.self, CheckCommand.self, MigrateCommand.self]),
            CommandGroup(
                name: "Secrets",
                subcommands: [
                    GetCommand.self, ExecCommand.self, ListCommand.self, PutCommand.self, DeleteCommand.self,
                ]
            ),
            CommandGroup(
                name: "Questions",
                subcommands: [
                    WhoAmICommand.self, ExplainCommand.self, HealthCommand.self, StatusCommand.self, NodesCommand.self,
                ]
            ),
            CommandGroup(name: "Tools", subcommands: [CertsCommand.self, EnvCommand.self]),
        ]
    )
}
