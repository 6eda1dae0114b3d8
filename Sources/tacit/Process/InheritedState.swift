internal import Glibc

/// What the process was started with and changes for itself: a program that takes its place is to find it as it was.
enum InheritedState {
    /// Sound: written once, before any other thread.
    nonisolated(unsafe) private static var signalMask = sigset_t()
    nonisolated(unsafe) private static var fileMask: mode_t = 0o022

    /// Call first in main.
    @unsafe
    static func remember() {
        unsafe pthread_sigmask(SIG_BLOCK, nil, &signalMask)
        unsafe fileMask = umask(0o077)
    }

    /// For the calling thread, which is the one that executes another program.
    static func restore() {
        unsafe pthread_sigmask(SIG_SETMASK, &signalMask, nil)
        _ = unsafe umask(fileMask)
    }
}
