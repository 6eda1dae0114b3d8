internal import CLinux
internal import Glibc

/// A thread of our own, for work that blocks or must not wait behind others. Swift's pool never blocks.
@safe
public struct DedicatedThread: ~Copyable, @unchecked Sendable {  // Sound: the handle is used for one join only.
    private let thread: pthread_t
    private var isJoined = false

    /// Why no thread could be had.
    public struct Refusal: Error, Equatable, Sendable {
        /// The errno of pthread_create.
        public let code: CInt
    }

    /// Starts a thread that runs `body` once, then wipes what its stack held.
    ///
    /// - Parameters:
    ///   - name: at most 15 bytes are shown by the system's tools.
    ///   - stackBytes: at least 64 KiB.
    public init(
        name: String,
        stackBytes: Int = 512 * 1024,
        _ body: @escaping @Sendable () -> Void
    ) throws(Refusal) {
        var attributes = pthread_attr_t()
        unsafe pthread_attr_init(&attributes)
        defer { unsafe pthread_attr_destroy(&attributes) }
        unsafe pthread_attr_setstacksize(&attributes, max(stackBytes, 64 * 1024))
        let start = Start(name: String(name.prefix(15)), body: body)
        let raw = unsafe Unmanaged.passRetained(start).toOpaque()
        var thread = pthread_t()
        let code = unsafe pthread_create(
            &thread,
            &attributes,
            { raw in
                guard let raw = unsafe raw else { return nil }
                let start = unsafe Unmanaged<Start>.fromOpaque(raw).takeRetainedValue()
                unsafe start.name.withCString { name in _ = unsafe linux_set_thread_name(name) }
                start.body()
                Hardening.scrubStack()
                return nil
            },
            raw
        )
        guard code == 0 else {
            unsafe Unmanaged<Start>.fromOpaque(raw).release()
            throw Refusal(code: code)
        }
        self.thread = thread
    }

    private final class Start: Sendable {
        let name: String
        let body: @Sendable () -> Void

        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }

    /// Waits until the thread has ended.
    public consuming func join() {
        pthread_join(thread, nil)
        isJoined = true
    }

    deinit {
        if !isJoined { pthread_detach(thread) }
    }
}
