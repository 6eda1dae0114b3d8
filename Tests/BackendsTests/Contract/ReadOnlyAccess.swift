import ManagerFakes
import Secrets

/// A backend that is configured read-only, and the fake that sees what it sends.
struct ReadOnlyAccess {
    let backend: any SecretBackend
    let fake: FakeServer
    /// Parts of the paths of those requests that change nothing although they are no GET, such as log-ins.
    var harmless: [String] = []

    /// Whether a request changes no secret.
    func reads(_ request: RecordedRequest) -> Bool {
        request.method == "GET" || harmless.contains { request.path.contains($0) }
    }
}
