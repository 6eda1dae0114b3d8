internal import ArgumentParser
internal import Glibc
internal import SecretMemory
internal import TLS
internal import TacitClient

/// How the process ends, in the statuses that scripts rely on.
enum ProcessEnd {
    /// The answer is no: not found, denied, not healthy.
    static let negative: CInt = 1
    /// Wrong usage, or a configuration that cannot be used.
    static let usage: CInt = 2
    /// The agent, or the secrets manager behind it, cannot be reached.
    static let unavailable: CInt = 3
    /// Of `exec`: its command was found and cannot be executed.
    static let notExecutable: CInt = 126
    /// Of `exec`: there is no such command.
    static let notFound: CInt = 127

    /// Ends the process with nothing left in its locked memory. Of that, values of the configuration and the keys of TLS are held
    /// to the very end.
    static func exitWiped(_ status: CInt) -> Never {
        #if WipingFree
            Hardening.scrubStack()
            unsafe Arena.wipeForExit()
            _exit(status)
        #else
            // A sanitizer says at an ordinary exit what it found.
            Glibc.exit(status)
        #endif
    }

    /// Says on standard error why, where that was not said yet, and ends the process. A request for help is an error here too.
    static func exit(with error: any Error) -> Never {
        switch error {
        case let failure as CommandFailure:
            for message in failure.messages { StandardError.write("tacit: \(message)") }
            Glibc.exit(failure.status)
        case let failure as ClientError:
            StandardError.write("tacit: \(failure)")
            Glibc.exit(failure.category.exitStatus)
        case let failure as TLSError:
            StandardError.write("tacit: \(failure)")
            Glibc.exit(usage)
        default:
            // Where the parser would end with its own status for wrong usage, 64.
            guard TacitCommand.exitCode(for: error) == .validationFailure else { TacitCommand.exit(withError: error) }
            StandardError.write(TacitCommand.fullMessage(for: error))
            Glibc.exit(usage)
        }
    }
}
