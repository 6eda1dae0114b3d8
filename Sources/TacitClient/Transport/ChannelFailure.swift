/// Why a connection could not be made, or an exchange on it did not come to its end. The connection is of no more use.
enum ChannelFailure: Error {
    /// Nobody listens at the address.
    case absent(ClientError)
    /// The agent closed the connection. Another may do better.
    case lost(ClientError, sent: Bool)
    /// Another connection would not help.
    case final(ClientError)

    /// What the caller is told.
    var error: ClientError {
        switch self {
        case .absent(let error), .lost(let error, _), .final(let error): error
        }
    }
}
