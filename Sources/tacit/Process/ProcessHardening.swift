internal import SecretMemory

/// What the kernel granted in the first lines of main.
enum ProcessHardening {
    /// Sound: written once, before any other thread.
    nonisolated(unsafe) static var report = Hardening.Report()
}
