internal import ArgumentParser
internal import SecretMemory

/// The entrance. The first lines close the process to the outside, before anything else can run.
@main
enum Main {
    static func main() {
        unsafe InheritedState.remember()
        unsafe ProcessHardening.report = Hardening.apply()
        MemoryHooks.install()
        do {
            var command = try TacitCommand.parseAsRoot()
            if let command = command as? any AsyncCommand {
                run(command)
            } else {
                try command.run()
            }
        } catch {
            ProcessEnd.exit(with: error)
        }
    }

    private static func run(_ command: any AsyncCommand) {
        MainThreadExecutor.run {
            do { try await command.execute() } catch { ProcessEnd.exit(with: error) }
        }
    }
}
