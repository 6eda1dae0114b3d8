internal import SecretMemory
internal import Synchronization

/// The host that answered last, which all threads of a pool try first.
package final class HostPreference: Sendable {
    private let index = Atomic(0)

    package init() {}

    /// All hosts, the preferred one first and the others as they were configured.
    func ordered(_ hosts: [DatabaseHost]) -> [(offset: Int, host: DatabaseHost)] {
        let preferred = index.load(ordering: .relaxed)
        let all = hosts.enumerated().map { (offset: $0.offset, host: $0.element) }
        return all.filter { $0.offset == preferred } + all.filter { $0.offset != preferred }
    }

    func prefer(_ offset: Int) { index.store(offset, ordering: .relaxed) }
}

/// Tries one of several hosts after another until a connection comes about. Belongs to one thread.
package final class HostSearch {
    private let hosts: [DatabaseHost]
    private let isLoopbackOnly: Bool
    private let lookupTimeout: Duration
    private let preference: HostPreference
    private let interruption: Interruption?
    /// Look-ups that took longer than their call; the next one waits on, instead of starting another thread.
    private var lookups: [String: HostLookup] = [:]

    /// - Parameter interruption: ends a search.
    package init(_ settings: some DatabaseSettings, preference: HostPreference, interruption: Interruption?) {
        hosts = settings.hosts
        isLoopbackOnly = settings.isLoopbackOnly
        lookupTimeout = settings.connectTimeout
        self.preference = preference
        self.interruption = interruption
    }

    /// - Parameter attempt: connects to an address, which is nil for a Unix socket, within what is left of the deadline.
    /// - Throws: the error of the only attempt, or one that names them all.
    package func connect<Connection: ~Copyable>(
        deadline: ContinuousClock.Instant,
        _ attempt: (DatabaseHost, String?, Patience) throws(DatabaseError) -> Connection
    ) throws(DatabaseError) -> Connection {
        let patience = Patience(deadline: deadline, interruption: interruption)
        var errors: [DatabaseError] = []
        for (offset, host) in preference.ordered(hosts) {
            do throws(DatabaseError) {
                let connection = try connect(to: host, patience, attempt)
                preference.prefer(offset)
                return connection
            } catch {
                let told = DatabaseError(error.kind, "\(host): \(error.message)", state: error.state)
                if error.endsTheSearch || patience.isOver { throw told }
                errors.append(told)
            }
        }
        throw Self.summary(of: errors)
    }

    private func connect<Connection: ~Copyable>(
        to host: DatabaseHost,
        _ patience: Patience,
        _ attempt: (DatabaseHost, String?, Patience) throws(DatabaseError) -> Connection
    ) throws(DatabaseError) -> Connection {
        if host.isUnixSocket { return try attempt(host, nil, patience) }
        var failure = DatabaseError(.unreachable, "the name has no address")
        for address in try addresses(of: host, patience) {
            do throws(DatabaseError) {
                return try attempt(host, address, patience)
            } catch {
                if error.endsTheSearch || patience.isOver { throw error }
                failure = error
            }
        }
        throw failure
    }

    private func addresses(of host: DatabaseHost, _ patience: Patience) throws(DatabaseError) -> [String] {
        var found: [String]
        if let numeric = HostLookup.numeric(host.name) {
            found = [numeric]
        } else {
            let lookup: HostLookup
            if let started = lookups[host.name] { lookup = started } else { lookup = try HostLookup(host.name) }
            lookups[host.name] = lookup
            let answer = try lookup.wait(patience.atMost(lookupTimeout))
            lookups[host.name] = nil
            guard answer.code == 0 else {
                throw DatabaseError(.unreachable, "look-up of the name: \(HostLookup.words(answer.code))")
            }
            found = answer.addresses
        }
        if isLoopbackOnly {
            found.removeAll { !HostLookup.isLoopback($0) }
            if found.isEmpty {
                throw DatabaseError(.settings, "is not this machine, so that clear text is not possible")
            }
        }
        return found
    }

    private static func summary(of errors: [DatabaseError]) -> DatabaseError {
        guard let first = errors.first, errors.count > 1 else {
            return errors.first ?? DatabaseError(.settings, "no host is configured")
        }
        // What somebody has to look at comes before what may pass by itself.
        let kinds: [DatabaseError.Kind] = [.untrusted, .readOnly, .exhausted]
        let told = kinds.lazy.compactMap { kind in errors.first { $0.kind == kind } }.first
        let messages = errors.map(\.description).joined(separator: "; ")
        return DatabaseError(told?.kind ?? first.kind, messages)
    }
}

extension DatabaseError {
    /// Whether no other host would say anything else.
    fileprivate var endsTheSearch: Bool {
        switch kind {
        case .refusedLogin, .missingDatabase, .missingPrivilege, .settings, .memory, .cancelled: true
        default: false
        }
    }
}
