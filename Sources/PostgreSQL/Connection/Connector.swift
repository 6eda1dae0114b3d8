#if PostgreSQL
    internal import EventLoop
    internal import SecretMemory
    internal import Synchronization

    /// The host that answered last, which all threads of a pool try first.
    final class HostPreference: Sendable {
        private let index = Atomic(0)

        /// All hosts, the preferred one first and the others as they were configured.
        func ordered(_ hosts: [PostgreSQLSettings.Host]) -> [(offset: Int, element: PostgreSQLSettings.Host)] {
            let preferred = index.load(ordering: .relaxed)
            let all = hosts.enumerated().map { ($0.offset, $0.element) }
            return all.filter { $0.0 == preferred } + all.filter { $0.0 != preferred }
        }

        func prefer(_ offset: Int) { index.store(offset, ordering: .relaxed) }
    }

    /// Connects a thread to the first of the hosts that will do.
    final class Connector {
        private let settings: PostgreSQLSettings
        private let preference: HostPreference
        private let interruption: Interruption?
        /// Look-ups that took longer than their call; the next one waits on, instead of starting another thread.
        private var lookups: [String: HostLookup] = [:]

        init(_ settings: PostgreSQLSettings, preference: HostPreference, interruption: Interruption?) {
            self.settings = settings
            self.preference = preference
            self.interruption = interruption
        }

        /// - Throws: the error of the only attempt, or one that names them all.
        func connect(deadline: ContinuousClock.Instant) throws(PostgreSQLError) -> LibraryConnection {
            let patience = Patience(deadline: deadline, interruption: interruption)
            var errors: [PostgreSQLError] = []
            for (offset, host) in preference.ordered(settings.hosts) {
                do throws(PostgreSQLError) {
                    let connection = try connect(to: host, patience)
                    preference.prefer(offset)
                    return connection
                } catch {
                    let told = PostgreSQLError(error.kind, "\(host): \(error.message)", state: error.state)
                    if error.endsTheSearch || patience.isOver { throw told }
                    errors.append(told)
                }
            }
            throw Self.summary(of: errors)
        }

        private func connect(
            to host: PostgreSQLSettings.Host,
            _ patience: Patience
        ) throws(PostgreSQLError) -> LibraryConnection {
            if host.isUnixSocket { return try attempt(host, nil, patience) }
            var failure = PostgreSQLError(.unreachable, "the name has no address")
            for address in try addresses(of: host, patience) {
                do throws(PostgreSQLError) {
                    return try attempt(host, address, patience)
                } catch {
                    if error.endsTheSearch || patience.isOver { throw error }
                    failure = error
                }
            }
            throw failure
        }

        private func attempt(
            _ host: PostgreSQLSettings.Host,
            _ address: String?,
            _ patience: Patience
        ) throws(PostgreSQLError) -> LibraryConnection {
            let options = try ConnectionOptions(settings, host: host, address: address)
            let connection = try LibraryConnection(options, patience.atMost(settings.connectTimeout))
            try Self.endWithUs(connection, patience)
            return connection
        }

        /// Asks the server to look every second whether its client is still there while it works on a statement, so that
        /// what nobody waits for any more ends. A request to cancel would block, and a server that hangs never answers it.
        private static func endWithUs(
            _ connection: borrowing LibraryConnection,
            _ patience: Patience
        ) throws(PostgreSQLError) {
            guard connection.serverVersion >= 140_000 else { return }
            do throws(PostgreSQLError) {
                try connection.send("SET client_connection_check_interval = '1s'", PostgreSQLParameters(), patience)
                try connection.drain(patience)
            } catch {
                // Not all systems that servers run on can do it.
                if error.state == nil { throw error }
            }
        }

        private func addresses(
            of host: PostgreSQLSettings.Host,
            _ patience: Patience
        ) throws(PostgreSQLError) -> [String] {
            var found: [String]
            if let numeric = HostLookup.numeric(host.name) {
                found = [numeric]
            } else {
                let lookup: HostLookup
                if let started = lookups[host.name] { lookup = started } else { lookup = try HostLookup(host.name) }
                lookups[host.name] = lookup
                let answer = try lookup.wait(patience.atMost(settings.connectTimeout))
                lookups[host.name] = nil
                guard answer.code == 0 else {
                    throw PostgreSQLError(.unreachable, "look-up of the name: \(HostLookup.words(answer.code))")
                }
                found = answer.addresses
            }
            if settings.protection == .loopbackOnly {
                found.removeAll { !HostLookup.isLoopback($0) }
                if found.isEmpty {
                    throw PostgreSQLError(.settings, "is not this machine, so that sslmode=disable is not possible")
                }
            }
            return found
        }

        private static func summary(of errors: [PostgreSQLError]) -> PostgreSQLError {
            guard let first = errors.first, errors.count > 1 else {
                return errors.first ?? PostgreSQLError(.settings, "no host is configured")
            }
            // What somebody has to look at comes before what may pass by itself.
            let kinds: [PostgreSQLError.Kind] = [.untrusted, .readOnly, .exhausted]
            let told = kinds.lazy.compactMap { kind in errors.first { $0.kind == kind } }.first
            let messages = errors.map(\.description).joined(separator: "; ")
            return PostgreSQLError(told?.kind ?? first.kind, messages)
        }
    }

    extension PostgreSQLError {
        /// Whether no other host would say anything else.
        fileprivate var endsTheSearch: Bool {
            switch kind {
            case .refusedLogin, .missingDatabase, .missingPrivilege, .settings, .memory, .cancelled: true
            default: false
            }
        }
    }
#endif
