internal import Secrets

/// What a manager says where it does not do what it was asked.
protocol ServiceRefusal: SendableMetatype {
    init(_ status: Int, _ json: borrowing JSONDocument)

    /// - Parameter action: what was being done, for the operator.
    func failure(retryAfter: Duration?, doing action: String) -> BackendError
}

/// An answer. Where it is no JSON, as those of proxies are not, its JSON is `null`.
struct ServiceAnswer<Refusal: ServiceRefusal>: ~Copyable {
    let status: Int
    let retryAfter: Duration?
    let json: JSONDocument

    var isSuccess: Bool { (200..<300).contains(status) }
    var refusal: Refusal { Refusal(status, json) }

    /// Gives the JSON up to the caller.
    consuming func takeJSON() -> JSONDocument { json }

    func failure(doing action: String) -> BackendError { refusal.failure(retryAfter: retryAfter, doing: action) }
}
