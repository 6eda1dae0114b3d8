import Foundation
import Glibc

/// Lines to and from a child process: its standard input and output are the other end of a pair of sockets.
///
/// Sockets rather than pipes, because writing to a child that is gone must be an error and no signal.
struct LineChannel: ~Copyable {
    struct Broken: Error, CustomStringConvertible {
        let description: String
    }

    /// How long a line may take to come.
    private static let patience = 30

    private let descriptor: CInt
    private var unread = Data()

    private init(adopting descriptor: CInt) { self.descriptor = descriptor }

    /// - Parameter start: starts the child with the other end, which is closed here afterwards.
    static func open(_ start: (FileHandle) throws -> Void) throws -> LineChannel {
        var ends: [CInt] = [-1, -1]
        let kind = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
        guard unsafe socketpair(AF_UNIX, kind, 0, &ends) == 0 else { throw Broken(description: "no pair of sockets") }
        let channel = LineChannel(adopting: ends[0])
        let other = FileHandle(fileDescriptor: ends[1], closeOnDealloc: true)
        var limit = timeval(tv_sec: patience, tv_usec: 0)
        unsafe setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        try start(other)
        try other.close()
        return channel
    }

    deinit { close(descriptor) }

    /// The child reads that its input has ended.
    borrowing func end() { shutdown(descriptor, CInt(SHUT_WR)) }

    borrowing func send(_ line: Data) throws {
        var rest = line + [UInt8(ascii: "\n")]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { bytes in
                unsafe Glibc.send(descriptor, bytes.baseAddress, bytes.count, CInt(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw Broken(description: "the fake is gone: its last words are on standard error") }
            rest.removeFirst(count)
        }
    }

    mutating func receive() throws -> Data {
        while true {
            if let end = unread.firstIndex(of: UInt8(ascii: "\n")) {
                let line = Data(unread[..<end])
                unread = Data(unread[(end + 1)...])
                return line
            }
            var piece = [UInt8](repeating: 0, count: 1 << 16)
            let count = unsafe recv(descriptor, &piece, piece.count, 0)
            guard count > 0 else {
                let reason = count == 0 ? "it ended" : "nothing came for \(Self.patience) s"
                throw Broken(description: "no answer from the fake, \(reason): its last words are on standard error")
            }
            unread += piece[..<count]
        }
    }
}
