/// What became of one reference of a batch.
public enum SecretResult: ~Copyable, Sendable {
    case found(Secret)
    case refused(ClientError.Refusal)
}

/// The results of several references, in the order in which they were asked for. Values are wiped when it goes out of
/// scope.
public struct SecretBatch: ~Copyable, Sendable {
    /// A noncopyable value needs a box to lie in an array.
    private final class Slot: Sendable {
        let result: SecretResult
        init(_ result: consuming SecretResult) { self.result = result }
    }

    private var slots: [Slot?]

    init(count: Int) { slots = Array(repeating: nil, count: count) }

    mutating func set(_ result: consuming SecretResult, at index: Int) { slots[index] = Slot(result) }

    /// How many references were asked for.
    public var count: Int { slots.count }

    /// Lends the result of the reference at `index`, which must be one of the batch's.
    public borrowing func withResult<Value: ~Copyable, Failure: Error>(
        at index: Int,
        _ body: (borrowing SecretResult) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        guard let slot = slots[index] else { preconditionFailure("a batch is handed out when it is complete") }
        return try body(slot.result)
    }

    /// Lends the secret at `index`.
    ///
    /// - Throws: ``ClientError/refused(_:)`` where there is none; or what `body` throws.
    public borrowing func withSecret<Value: ~Copyable>(
        at index: Int,
        _ body: (borrowing Secret) throws(ClientError) -> Value
    ) throws(ClientError) -> Value {
        try withResult(at: index) { (result) throws(ClientError) in
            switch result {
            case .found(let secret): return try body(secret)
            case .refused(let refusal): throw .refused(refusal)
            }
        }
    }

    /// Why there is no secret at `index`; nil where there is one.
    public borrowing func refusal(at index: Int) -> ClientError.Refusal? {
        withResult(at: index) { result -> ClientError.Refusal? in
            switch result {
            case .found: nil
            case .refused(let refusal): refusal
            }
        }
    }

    /// Lends each result in turn.
    public borrowing func forEach<Failure: Error>(
        _ body: (_ index: Int, _ result: borrowing SecretResult) throws(Failure) -> Void
    ) throws(Failure) {
        for index in 0..<count {
            try withResult(at: index) { (result) throws(Failure) in try body(index, result) }
        }
    }
}
