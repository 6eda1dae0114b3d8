public import SecretMemory
public import Wire

/// Where a value came from: the secrets manager, the agent's cache, or its cache beyond the value's lifetime.
public typealias SecretSource = Wire.SecretSource
/// A value in locked memory, wiped when its owner lets go of it.
public typealias SecretBytes = SecretMemory.SecretBytes

/// A secret and what is known of it. It cannot be copied, and its value is wiped when it goes out of scope.
public struct Secret: ~Copyable, Sendable {
    /// The value, in locked memory.
    public let value: SecretBytes
    /// The secrets manager's name of the version; empty where it has none.
    public let version: String
    public let source: SecretSource
    /// Time since the secrets manager gave it.
    public let age: Duration
    /// How long the agent will go on giving it out; nil where the agent did not keep it.
    public let expiresIn: Duration?
    /// The namespace in which it was found.
    public let namespace: String

    init(_ view: SecretView) throws(ClientError) {
        do throws(MemoryError) {
            value = try SecretBytes(copying: view.value)
        } catch { throw .memory(error) }
        version = String(checked: view.version)
        source = view.source
        age = Duration(milliseconds: view.age)
        expiresIn = view.expiresIn.map { Duration(milliseconds: $0) }
        namespace = String(checked: view.namespace)
    }

    /// Gives the value up to the caller, without a copy.
    public consuming func takeValue() -> SecretBytes { value }
}
