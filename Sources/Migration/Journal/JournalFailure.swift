internal import Glibc

/// What is wrong with a journal. All of them name the file, and say what to do.
package enum JournalFailure: Error, Equatable, Sendable, CustomStringConvertible {
    case system(operation: String, path: String, code: CInt)
    /// Another process writes it.
    case inUse(path: String)
    /// Somebody else's file.
    case foreign(path: String)
    /// It is about other configurations, or these were changed since.
    case otherPair(path: String, source: String, target: String)
    /// It was begun with or without descriptions and tags, and now it is to be the other way.
    case otherMetadata(path: String, carriesMetadata: Bool)
    /// Others can write it.
    case unsafe(path: String)
    case full(path: String, limit: Int)

    package var description: String {
        switch self {
        case .system(let operation, let path, let code):
            """
            cannot \(operation) the journal \(path): \(unsafe String(cString: strerror(code))); \
            name another place with --journal
            """
        case .inUse(let path):
            "the journal \(path) is in use by another migration; wait for it, or name another with --journal"
        case .foreign(let path): "\(path) is no journal of tacit migrate; name another with --journal"
        case .otherPair(let path, let source, let target):
            """
            the journal \(path) belongs to another migration, from \(source) to \(target), or one of these configurations was \
            changed since; name another with --journal, or remove it: what was copied is then found equal
            """
        case .otherMetadata(let path, let carriesMetadata):
            """
            the journal \(path) was begun \(carriesMetadata ? "without" : "with") --values-only; go on in the same way, or remove \
            it: what was copied is then found equal
            """
        case .unsafe(let path):
            "the journal \(path) belongs to somebody else or can be written by others: remove it, or name another with --journal"
        case .full(let path, let limit):
            "the journal \(path) is larger than \(limit >> 20) MiB; remove it: what was copied is then found equal"
        }
    }
}
