internal import Cryptography
internal import SecretMemory

extension SharedSecret {
    /// Whether both hold the same. How long that takes says nothing of where they differ, and nothing of them stays behind in
    /// registers or on the stack.
    func hasSameBytes(as other: SharedSecret) -> Bool {
        defer { Hardening.scrubStack() }
        return withBytes { own in other.withBytes { own.equalsInConstantTime($0) } }
    }
}
