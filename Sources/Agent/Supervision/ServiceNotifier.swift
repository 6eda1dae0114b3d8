internal import Glibc

/// Tells systemd how the start goes (sd_notify): a datagram to the socket in NOTIFY_SOCKET, where there is one.
enum ServiceNotifier {
    static func send(_ state: String) {
        guard let path = unsafe getenv("NOTIFY_SOCKET").map({ unsafe String(cString: $0) }), !path.isEmpty else {
            return
        }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        let fits = unsafe withUnsafeMutableBytes(of: &address.sun_path) { target in
            guard bytes.count < target.count else { return false }
            for (index, byte) in bytes.enumerated() { unsafe target[index] = byte }
            // A leading @ stands for the abstract name space, which begins with a zero.
            if bytes[0] == UInt8(ascii: "@") { unsafe target[0] = 0 }
            return true
        }
        guard fits else { return }
        let descriptor = socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        let size = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count)
        unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                _ = unsafe sendto(descriptor, state, state.utf8.count, CInt(MSG_NOSIGNAL), address, size)
            }
        }
    }
}
