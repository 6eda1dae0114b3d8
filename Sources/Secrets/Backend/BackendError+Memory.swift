public import SecretMemory

extension BackendError {
    /// Runs what takes locked memory; where there is none, that is a failure of the backend like others.
    public static func mappingMemory<Success: ~Copyable>(
        _ body: () throws(MemoryError) -> Success
    ) throws(BackendError) -> Success {
        do throws(MemoryError) { return try body() } catch { throw .memory(error) }
    }
}
