internal import EventLoop

/// The sockets that libcurl wants to be told about, for the engine's thread only.
final class SocketWatch {
    let poller: Poller
    private var watched: Set<CInt> = []

    init(_ poller: consuming Poller) { self.poller = poller }

    /// An event of a pool's socket.
    static func token(_ pool: UInt32, _ descriptor: CInt) -> UInt64 {
        UInt64(pool) << 32 | UInt64(UInt32(bitPattern: descriptor))
    }

    static func parts(of token: UInt64) -> (pool: UInt32, descriptor: CInt) {
        (UInt32(token >> 32), CInt(bitPattern: UInt32(truncatingIfNeeded: token)))
    }

    /// Watches a socket, or watches it for something else than before; for nothing: no more.
    ///
    /// - Returns: whether the kernel agreed.
    func set(_ descriptor: CInt, _ interest: Poller.Interest, pool: UInt32) -> Bool {
        guard !interest.isEmpty else {
            if watched.remove(descriptor) != nil { poller.forget(descriptor) }
            return true
        }
        let token = Self.token(pool, descriptor)
        do throws(SystemFailure) {
            if watched.insert(descriptor).inserted {
                try poller.watch(descriptor, interest, token: token)
            } else {
                try poller.change(descriptor, interest, token: token)
            }
            return true
        } catch {
            watched.remove(descriptor)
            return false
        }
    }
}
