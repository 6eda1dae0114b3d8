import Foundation
import Glibc
import Synchronization

/// A web server on the loopback that answers each request as a test says, one connection a request.
///
/// Everything that is said here is made up for the tests, bodies included.
final class ScriptedEndpoint: Sendable {
    struct Request: Sendable {
        let method: String
        /// With its query.
        let path: String
        /// Names in lower case.
        let headers: [String: String]
        let body: String

        /// The members of a form, decoded.
        var form: [String: String] {
            var components = URLComponents()
            components.percentEncodedQuery = body
            return Dictionary((components.queryItems ?? []).map { ($0.name, $0.value ?? "") }) { first, _ in first }
        }
    }

    struct Reply: Sendable {
        var status = 200
        var headers: [String: String] = [:]
        var body = ""

        static func json(_ body: String) -> Reply { json(200, body) }

        static func json(_ status: Int, _ body: String, _ headers: [String: String] = [:]) -> Reply {
            Reply(status: status, headers: headers.merging(["Content-Type": "application/json"]) { $1 }, body: body)
        }
    }

    private let descriptor: Int32
    let port: Int
    private let received = Mutex<[Request]>([])

    init(_ answer: @escaping @Sendable (Request) -> Reply) throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { name in
                unsafe bind(descriptor, name, size) == 0 && listen(descriptor, 64) == 0
                    && getsockname(descriptor, name, &size) == 0
            }
        }
        guard isBound else { throw POSIXError(.EADDRNOTAVAIL) }
        self.descriptor = descriptor
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread { [weak self] in
            // Closed here and nowhere else: its number may be another endpoint's a moment later, which would lose a peer to this
            // thread.
            defer { close(descriptor) }
            while true {
                let peer = accept(descriptor, nil, nil)
                guard peer >= 0 else { return }
                guard let self else {
                    close(peer)
                    return
                }
                Thread {
                    Self.serve(peer) { request in
                        self.received.withLock { $0.append(request) }
                        return answer(request)
                    }
                }.start()
            }
        }.start()
    }

    /// Ends the thread, which then closes it.
    deinit { shutdown(descriptor, Int32(SHUT_RDWR)) }

    var address: String { "http://127.0.0.1:\(port)" }

    /// What came in, in order.
    var requests: [Request] { received.withLock { $0 } }

    private static func serve(_ peer: Int32, _ answer: (Request) -> Reply) {
        defer { close(peer) }
        guard let request = read(peer) else { return }
        let reply = answer(request)
        var text =
            "HTTP/1.1 \(reply.status) Scripted\r\nContent-Length: \(reply.body.utf8.count)\r\nConnection: close\r\n"
        for (name, value) in reply.headers { text += "\(name): \(value)\r\n" }
        let bytes = Array("\(text)\r\n\(reply.body)".utf8)
        _ = unsafe send(peer, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    private static func read(_ peer: Int32) -> Request? {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            if let request = parse(bytes) { return request }
            let count = unsafe recv(peer, &chunk, chunk.count, 0)
            guard count > 0 else { return nil }
            bytes += chunk.prefix(count)
        }
    }

    private static func parse(_ bytes: [UInt8]) -> Request? {
        let text = String(decoding: bytes, as: UTF8.self)
        guard let end = text.range(of: "\r\n\r\n") else { return nil }
        var lines = text[..<end.lowerBound].components(separatedBy: "\r\n")
        let first = lines.removeFirst().split(separator: " ")
        var headers: [String: String] = [:]
        for line in lines {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let value = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
            headers[line[..<colon].lowercased()] = value
        }
        let body = String(text[end.upperBound...])
        guard first.count == 3, body.utf8.count >= Int(headers["content-length"] ?? "0") ?? 0 else { return nil }
        return Request(method: String(first[0]), path: String(first[1]), headers: headers, body: body)
    }
}
