internal import Cryptography
internal import Secrets

extension EnvelopeLayout {
    /// Why a store of sealed values would refuse a write, as far as that is the same for all of them.
    ///
    /// - Parameter bytes: of the value.
    static func objection(isReadOnly: Bool, bytes: Int) -> BackendError? {
        guard !isReadOnly else { return .readOnly }
        return bytes <= maximumValueBytes ? nil : .tooLarge(limit: maximumValueBytes)
    }
}
