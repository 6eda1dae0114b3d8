package import Secrets

/// A line of the journal: what was begun or finished. It holds names and versions, and never a value.
package enum JournalRecord: Equatable, Sendable {
    case begun(SecretName)
    /// - Parameter version: the source's name of the version that was copied.
    case finished(SecretName, version: String)

    /// As it is written, with the line break.
    var line: [UInt8] {
        switch self {
        case .begun(let name): JournalLine.encode(["begun", name.tenant, name.namespace, name.key])
        case .finished(let name, let version):
            JournalLine.encode(["finished", name.tenant, name.namespace, name.key, version])
        }
    }

    /// - Parameter fields: of a sound line.
    init?(_ fields: [String]) {
        switch (fields.first, fields.count) {
        case ("begun", 4): self = .begun(SecretName(tenant: fields[1], namespace: fields[2], key: fields[3]))
        case ("finished", 5):
            let name = SecretName(tenant: fields[1], namespace: fields[2], key: fields[3])
            self = .finished(name, version: fields[4])
        default: return nil
        }
    }
}

/// What a journal says of earlier runs.
package struct JournalContent: Equatable, Sendable {
    package internal(set) var begun: Set<SecretName> = []
    /// The versions that were copied and verified.
    package internal(set) var finished: [SecretName: String] = [:]

    package init() {}

    mutating func add(_ record: JournalRecord) {
        switch record {
        case .begun(let name):
            begun.insert(name)
            // Written again since, so what was found then says nothing.
            finished[name] = nil
        case .finished(let name, let version): finished[name] = version
        }
    }
}
