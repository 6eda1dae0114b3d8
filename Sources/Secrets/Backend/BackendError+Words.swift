extension BackendError {
    /// For people.
    package var words: String {
        switch self {
        case .denied(let detail), .forbidden(let detail), .malformed(let detail), .unsupported(let detail),
            .unavailable(let detail, _):
            detail
        case .throttled: "it asks for fewer requests"
        case .readOnly: "it is read-only"
        case .conflict: "somebody else writes the same secret again and again"
        case .tooLarge(let limit): "the value is larger than the \(limit) bytes that it takes"
        case .memory(let error): "there is no locked memory (\(error))"
        }
    }
}
