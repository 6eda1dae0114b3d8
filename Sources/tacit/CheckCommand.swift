internal import Agent
internal import ArgumentParser

/// `tacit check`
struct CheckCommand: AsyncCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Say what is wrong with a configuration, and print the effective one with secrets masked.",
        discussion: """
            Ends with 2 where the configuration cannot be used, and with 3 where --connect cannot reach a secrets manager.

            EXAMPLE
              tacit check -c /etc/tacit/agent.yaml --connect
            """
    )

    @OptionGroup var files: ConfigurationArguments

    @Flag(help: "Also read the certificates, and log in to each secrets manager.")
    var connect = false

    func execute() async throws {
        let check: ConfigurationCheck
        do throws(ConfigurationCheck.Failure) {
            check = try ConfigurationCheck(files: files.configurations)
        } catch {
            throw CommandFailure(ProcessEnd.usage, error.problems)
        }
        for note in check.notes { StandardError.write("note: \(note)") }
        for warning in check.warnings { StandardError.write("warning: \(warning)") }
        try StandardOutput.write(check.effectiveText)
        guard connect else { return }
        let findings = await check.connect()
        for finding in findings { StandardError.write("\(finding.subject): \(finding.message)") }
        if findings.contains(where: { $0.outcome == .refused }) { throw CommandFailure(ProcessEnd.usage) }
        if findings.contains(where: { $0.outcome == .unreachable }) { throw CommandFailure(ProcessEnd.unavailable) }
    }
}
