internal import Glibc
internal import Liveness
internal import SQLite

/// Why a registry file did not do what it was asked.
enum SQLiteRegistryFailure: SQLiteFailure {
    case library(SQLiteError)
    case file(SQLiteFile.Failure)
    /// Found out by ourselves, in words for the operator; `mayPass`: whether it may be otherwise later.
    case refused(String)
    case record(RegistryError)

    init(_ error: SQLiteError) { self = .library(error) }

    var endsConnection: Bool {
        guard case .library(let error) = self else { return true }
        return error.endsConnection
    }

    func explained(_ path: String) -> RegistryError {
        switch self {
        case .library(let error):
            let advice =
                switch error.kind {
                case _ where error.isOutOfSpace: "; free space on its disk"
                case .notWritable: "; the agent's user needs to write to it and to its directory"
                case .damaged, .noDatabase:
                    "; it holds nothing but heartbeats: stop the agent and delete it"
                case .locked: "; another process has locked it"
                default: ""
                }
            return RegistryError("\(path): \(error.operation): \(error.words)\(advice)")
        case .file(.system(let code, let operation, let path)):
            return RegistryError("\(path): \(operation): \(unsafe String(cString: strerror(code)))")
        case .file(.unsuitable(let words)), .file(.unsafeMode(let words)), .refused(let words):
            return RegistryError(words, mayPass: false)
        case .record(let error): return error
        }
    }
}
