internal import Backends
internal import Configuration
internal import Cryptography
internal import Logging
internal import SecretMemory
package import Secrets

/// The managers of two configurations, for whoever copies from one to the other.
package struct SourceAndTarget: Sendable {
    /// Of the configuration that is read; to open them changes nothing.
    package let source: ScopeTable
    package let target: ScopeTable
    /// What works and should be done better, in either.
    package let warnings: [String]
    /// A digest of both configurations as they are in force, secrets masked: 64 hexadecimal digits.
    package let digest: String

    /// Loads and judges both, and makes their managers. None is asked anything.
    ///
    /// - Parameter isRehearsal: whether nothing will be written, so that the target's managers are not to make anything.
    package init(from: String, to: String, isRehearsal: Bool) throws(ConfigurationCheck.Failure) {
        // One environment for both: what the first takes out of the environment block, the second may need.
        let environment = ProcessEnvironment()
        let first = try Self.check(from, "--from", environment)
        let second = try Self.check(to, "--to", environment)
        do throws(MemoryError) { try Catalogue.hideVariables(of: environment) } catch {
            throw ConfigurationCheck.Failure(
                problems: ["there is no locked memory for the secrets of the environment: \(error)"]
            )
        }
        warnings = first.warnings.map { "--from: \($0)" } + second.warnings.map { "--to: \($0)" }
        source = try Self.table(first, "--from", .reading)
        target = try Self.table(second, "--to", isRehearsal ? .rehearsing : .serving)
        do throws(CryptographyError) { digest = try Self.digest([first.effectiveText, second.effectiveText]) } catch {
            throw ConfigurationCheck.Failure(problems: ["SHA-256 cannot be had: \(error)"])
        }
        Hardening.scrubStack()
    }

    /// Logs in to every manager of the source, all at once, and then to those of the target: a target that would make a file is
    /// not asked to where there is nothing to put into it.
    ///
    /// - Returns: what could not be reached, or refused; at most one for each scope.
    package func connect() async -> [ConfigurationCheck.Finding] {
        let findings = Self.findings(await ScopeBuilder.connect(source.scopes), "the source's")
        guard findings.isEmpty else { return findings }
        return Self.findings(await ScopeBuilder.connect(target.scopes), "the target's")
    }

    /// Gives everything back.
    package func close() async {
        await source.close()
        await target.close()
    }

    private static func findings(
        _ failures: [(scope: Scope, error: BackendError)],
        _ whose: String
    ) -> [ConfigurationCheck.Finding] {
        failures.map { scope, error in
            ConfigurationCheck.Finding(
                subject: "\(whose) manager of scope \(scope.name) (\(scope.type))",
                outcome: error.mayPass ? .unreachable : .refused,
                message: error.words
            )
        }
    }

    private static func check(
        _ file: String,
        _ option: String,
        _ environment: ProcessEnvironment
    ) throws(ConfigurationCheck.Failure) -> ConfigurationCheck {
        do throws(ConfigurationCheck.Failure) {
            return try ConfigurationCheck(files: [file], environment: environment)
        } catch {
            throw ConfigurationCheck.Failure(problems: error.problems.map { "\(option): \($0)" })
        }
    }

    private static func table(
        _ check: ConfigurationCheck,
        _ option: String,
        _ purpose: ManagerPurpose
    ) throws(ConfigurationCheck.Failure) -> ScopeTable {
        // What goes wrong is in the report, once; a log beside the progress would say it again and again.
        let log = Logger(label: "tacit") { _ in SwiftLogNoOpLogHandler() }
        var builder = ScopeBuilder(environment: check.environment, log: log, purpose: purpose)
        do throws(AgentFailure) { return ScopeTable(try builder.make(check.settings)) } catch {
            throw ConfigurationCheck.Failure(problems: ["\(option): \(error)"])
        }
    }

    private static func digest(_ texts: [String]) throws(CryptographyError) -> String {
        var digest = try Digest256()
        for text in texts {
            try digest.update("\(text.utf8.count):".utf8Span.span)
            try digest.update(text.utf8Span.span)
        }
        var failure: CryptographyError?
        let digits = [UInt8](capacity: Digest256.hexCount) { output in
            do throws(CryptographyError) { try digest.finalizeHex(into: &output) } catch { failure = error }
        }
        if let failure { throw failure }
        return String(decoding: digits, as: UTF8.self)
    }
}
