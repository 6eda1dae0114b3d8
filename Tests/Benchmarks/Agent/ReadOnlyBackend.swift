import SecretMemory
import Secrets

/// A manager that gives values out and does nothing else.
protocol ReadOnlyBackend: SecretBackend {}

extension ReadOnlyBackend {
    var capabilities: BackendCapabilities { [] }

    func list(_ query: ListQuery) async throws(BackendError) -> ListPage { throw Self.unsupported }
    func put(_ write: SecretWrite, value: borrowing SecretBytes) async throws(BackendError) -> String {
        throw Self.unsupported
    }
    func delete(_ name: SecretName) async throws(BackendError) -> Bool { throw Self.unsupported }
    func connect() async throws(BackendError) {}
    func close() async {}
    func place(of name: SecretName) -> String { "\(name.tenant)/\(name.namespace)/\(name.key)" }

    private static var unsupported: BackendError { .unsupported(detail: "values are read only") }
}
