/// Why an exchange on a connection did not come to its end. The connection is of no more use.
enum ChannelFailure: Error {
    /// The agent closed it. Another connection may do better.
    case lost(ClientError, sent: Bool)
    /// Another connection would not help.
    case final(ClientError)

    /// What the caller is told.
    var error: ClientError {
        switch self {
        case .lost(let error, _), .final(let error): error
        }
    }

    /// Whether the same requests may be made on a new connection.
    ///
    /// - Parameter repeatable: whether it does no harm to carry them out twice.
    func allowsRetry(repeatable: Bool) -> Bool {
        switch self {
        case .lost(_, let sent): repeatable || !sent
        case .final: false
        }
    }
}
