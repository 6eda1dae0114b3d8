/// Why a file could not be read.
package enum FileError: Error, Equatable, Sendable {
    /// A system call failed.
    case system(operation: String, code: CInt)
    /// It holds more than is read.
    case tooLarge(limit: Int)
    /// There was no locked memory for it.
    case memory

    /// For a message about a path.
    package var message: String {
        switch self {
        case .system(let operation, let code): "cannot be read (\(operation): \(Self.text(code)))"
        case .tooLarge(let limit): "is larger than \(limit) bytes"
        case .memory: "there is no locked memory for it"
        }
    }
}
