internal import Agent
internal import ArgumentParser

/// `tacit agent`
struct AgentCommand: AsyncCommand {
    static let configuration = CommandConfiguration(
        commandName: "agent",
        abstract: "Run the agent in the foreground.",
        discussion: """
            SIGHUP loads configuration and certificates anew; SIGTERM and SIGINT end it, with 0. Where it cannot start it ends \
            with 2 if that will not change by itself, and with 3 if it may: an address is taken, the audit file cannot be opened.

            EXAMPLE
              tacit agent -c /etc/tacit/agent.yaml
            """
    )

    @OptionGroup var files: ConfigurationArguments

    func execute() async throws {
        do throws(AgentFailure) {
            unsafe try await Agent(files: files.configurations, hardening: ProcessHardening.report).run()
        } catch {
            StandardError.write("tacit: \(error)")
            ProcessEnd.exitWiped(error.mayPass ? ProcessEnd.unavailable : ProcessEnd.usage)
        }
        ProcessEnd.exitWiped(0)
    }
}
