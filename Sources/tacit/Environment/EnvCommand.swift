internal import ArgumentParser
internal import Backends
internal import Glibc

/// `tacit env`
struct EnvCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "env",
        abstract: "Files for the environment backend.",
        subcommands: [EnvEncodeCommand.self]
    )
}

/// `tacit env encode`
struct EnvEncodeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "encode",
        abstract: "Turn lines NAME=value into lines SECRET_NAME=base64.",
        discussion: """
            EXAMPLE
              umask 077; tacit env encode .env > secrets.env
            """
    )

    @Argument(help: "The file; - is standard input.", completion: .file())
    var file: String

    func run() throws {
        let name = file == "-" ? "standard input" : file
        let input = file == "-" ? STDIN_FILENO : unsafe open(file, O_RDONLY | O_CLOEXEC)
        guard input >= 0 else {
            throw CommandFailure(ProcessEnd.usage, "\(name) cannot be opened: \(systemText(errno))")
        }
        let report: EnvironmentFileEncoder.Report
        do throws(EnvironmentFileEncoder.Failure) {
            report = try EnvironmentFileEncoder.encode(from: input, to: STDOUT_FILENO)
        } catch {
            if case .writing = error { throw CommandFailure(ProcessEnd.usage, error.description) }
            throw CommandFailure(ProcessEnd.usage, "\(name) \(error)")
        }
        for note in report.notes { StandardError.write("tacit: \(name): \(note)") }
    }
}
