internal import Secrets

/// What a manager says where it does not do what it was asked.
protocol ServiceRefusal: SendableMetatype {
    /// - Parameter retryAfter: how long the headers ask to be left alone.
    init(_ status: Int, retryAfter: Duration?, _ json: borrowing JSONDocument)

    /// - Parameter action: what was being done, for the operator.
    func failure(doing action: String) -> BackendError
}

/// An answer. Where it is no JSON, as those of proxies are not, its JSON is `null`.
struct ServiceAnswer<Refusal: ServiceRefusal>: ~Copyable {
    let status: Int
    let retryAfter: Duration?
    let json: JSONDocument

    var isSuccess: Bool { (200..<300).contains(status) }
    var refusal: Refusal { Refusal(status, retryAfter: retryAfter, json) }

    /// Gives the JSON up to the caller.
    consuming func takeJSON() -> JSONDocument { json }

    func failure(doing action: String) -> BackendError { refusal.failure(doing: action) }
}
