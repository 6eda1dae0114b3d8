import Foundation
import Glibc
import Synchronization

/// A proxy that opens tunnels for who knows its password, and remembers what it was told.
final class TunnelProxy: Sendable {
    let port: UInt16
    private let listener: CInt
    private let authorization: String
    private let seen = Mutex<[String]>([])

    /// The heads of the requests, the proxy's own among them, as far as the proxy could read them.
    var heads: [String] { seen.withLock { $0 } }

    init(user: String, password: String) throws {
        authorization = "Proxy-Authorization: Basic \(Data("\(user):\(password)".utf8).base64EncodedString())"
        listener = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = listener
        unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = unsafe (bind(listener, $0, size), listen(listener, 16), getsockname(listener, $0, &size))
            }
        }
        port = UInt16(bigEndian: address.sin_port)
        Thread.detachNewThread { [weak self] in
            while case let peer = accept(listener, nil, nil), peer >= 0 {
                guard let self else { break }
                Thread.detachNewThread { self.serve(peer) }
            }
        }
    }

    deinit { shutdown(listener, CInt(SHUT_RDWR)) }

    private func serve(_ peer: CInt) {
        defer { close(peer) }
        var head = ""
        var byte: UInt8 = 0
        while !head.hasSuffix("\r\n\r\n"), unsafe read(peer, &byte, 1) == 1 {
            head.unicodeScalars.append(Unicode.Scalar(byte))
        }
        seen.withLock { $0.append(head) }
        let words = head.split(separator: " ")
        guard words.count > 2, words[0] == "CONNECT", let target = UInt16(words[1].split(separator: ":").last ?? "")
        else {
            return answer(peer, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        }
        guard head.contains(authorization) else {
            return answer(peer, "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
        }
        let server = Self.dial(target)
        guard server >= 0 else { return answer(peer, "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n") }
        defer { close(server) }
        answer(peer, "HTTP/1.1 200 OK\r\n\r\n")
        let isDone = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
            Self.pump(peer, server)
            isDone.signal()
        }
        Self.pump(server, peer)
        isDone.wait()
    }

    private func answer(_ peer: CInt, _ text: String) {
        _ = unsafe send(peer, text, text.utf8.count, CInt(MSG_NOSIGNAL))
    }

    /// What it connects to is always on this machine.
    private static func dial(_ port: UInt16) -> CInt {
        let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let result = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        return result == 0 ? descriptor : -1
    }

    private static func pump(_ source: CInt, _ target: CInt) {
        var buffer = [UInt8](repeating: 0, count: 1 << 14)
        while case let count = unsafe read(source, &buffer, buffer.count), count > 0 {
            guard unsafe send(target, buffer, count, CInt(MSG_NOSIGNAL)) == count else { break }
        }
        shutdown(source, CInt(SHUT_RD))
        shutdown(target, CInt(SHUT_WR))
    }
}
