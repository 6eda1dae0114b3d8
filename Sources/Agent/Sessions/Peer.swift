internal import CLinux
internal import Glibc

/// Who is at the other end, as far as the kernel knows.
struct Peer: Sendable, Equatable {
    /// The process, on Unix sockets.
    struct Process: Sendable, Equatable {
        let pid: Int32
        let uid: UInt32
        let gid: UInt32

        /// As the audit writes it.
        var text: String { "pid:\(pid),uid:\(uid),gid:\(gid)" }
    }

    let process: Process?
    /// An address without its port; "" on Unix sockets.
    let address: String

    /// Asks the kernel about an accepted socket.
    init(of descriptor: CInt, isUnix: Bool) {
        guard !isUnix else {
            var pid = pid_t()
            var uid = uid_t()
            var gid = gid_t()
            let known = unsafe linux_peer_credentials(descriptor, &pid, &uid, &gid) == 0
            process = known ? Process(pid: pid, uid: uid, gid: gid) : nil
            address = ""
            return
        }
        process = nil
        address = Self.address(of: descriptor)
    }

    private static func address(of descriptor: CInt) -> String {
        var storage = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return unsafe withUnsafeMutablePointer(to: &storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                guard unsafe getpeername(descriptor, address, &size) == 0 else { return "" }
                return unsafe String(unsafeUninitializedCapacity: Int(NI_MAXHOST)) { buffer in
                    unsafe buffer.withMemoryRebound(to: CChar.self) { text in
                        let code = unsafe getnameinfo(
                            address,
                            size,
                            text.baseAddress,
                            socklen_t(text.count),
                            nil,
                            0,
                            NI_NUMERICHOST
                        )
                        return code == 0 ? unsafe text.baseAddress.map { unsafe strnlen($0, text.count) } ?? 0 : 0
                    }
                }
            }
        }
    }
}
