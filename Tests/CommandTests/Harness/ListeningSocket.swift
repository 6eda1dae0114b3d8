import Foundation
import Glibc

/// A TCP socket on the loopback that listens, closed with its owner.
final class ListeningSocket: Sendable {
    private let descriptor: Int32
    let port: UInt16

    /// - Parameter port: 0 for any.
    init?(port: UInt16 = 0) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { name in
                unsafe bind(descriptor, name, size) == 0 && listen(descriptor, 8) == 0
                    && getsockname(descriptor, name, &size) == 0
            }
        }
        guard isBound else {
            close(descriptor)
            return nil
        }
        self.descriptor = descriptor
        self.port = UInt16(bigEndian: address.sin_port)
    }

    deinit { close(descriptor) }

    /// Takes one connection, reads a little, answers and hangs up, on a thread of its own.
    func answerOnce(_ text: String) {
        let bytes = Array(text.utf8)
        let descriptor = descriptor
        Thread.run {
            let peer = accept(descriptor, nil, nil)
            var request = [UInt8](repeating: 0, count: 1024)
            _ = unsafe recv(peer, &request, request.count, 0)
            _ = unsafe send(peer, bytes, bytes.count, Int32(MSG_NOSIGNAL))
            close(peer)
        }
    }
}

extension Thread {
    fileprivate static func run(_ body: @escaping @Sendable () -> Void) { Thread(block: body).start() }
}
