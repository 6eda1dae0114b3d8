import Glibc
import SecretMemory
import TLS
import Wire

/// A client that does what ours would not: it gives requests up, hangs up in the middle of a frame, sends nonsense.
struct RawPeer: ~Copyable {
    private let descriptor: Int32
    private var connection: Connection
    private var input = SecretBuffer(limit: 4 << 20)
    private var reader = FrameReader(side: .client)

    init(_ workspace: Workspace, as name: String) throws {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { target in
            for (index, byte) in workspace.path("agent.sock").utf8.enumerated() { unsafe target[index] = byte }
        }
        let connected = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        let context = try ClientContext(files: workspace.clientFiles(name))
        var connection = try context.connection(on: descriptor)
        guard connected == 0, case .done = connection.handshake() else { throw Programs.Failure("no connection") }
        self.descriptor = descriptor
        self.connection = connection
    }

    deinit { close(descriptor) }

    /// Sends what `write` writes, without the last bytes of it.
    mutating func send(allBut missing: Int = 0, _ write: (inout SecretBuffer) throws -> Void) throws {
        var output = SecretBuffer(limit: 4 << 20)
        try write(&output)
        output.removeLast(missing)
        while !output.isEmpty {
            let written = output.withBytes { connection.write($0) }
            guard case .bytes(let count) = written else { throw Programs.Failure("the agent hung up") }
            output.consume(count)
        }
    }

    /// Reads and drops what comes, until `count` responses have come.
    ///
    /// - Returns: how many of them were refusals.
    mutating func takeResponses(_ count: Int) throws -> Int {
        var seen = 0
        var refused = 0
        while seen < count {
            switch reader.next(in: input) {
            case .frame(let header, let payload):
                input.consume(payload.upperBound)
                guard header.kind == .response else { continue }
                seen += 1
                if header.status != .ok { refused += 1 }
                continue
            case .malformed(let error): throw error
            case .needMore: break
            }
            guard case .bytes = connection.read(into: &input, atMost: 16 << 10) else {
                throw Programs.Failure("the agent hung up")
            }
        }
        return refused
    }
}

extension SecretBuffer {
    mutating func appendPut(
        _ key: String,
        in namespace: String = "company.team",
        _ value: [UInt8],
        id: UInt32
    ) throws {
        let put = PutSecretView(namespace: namespace.utf8Span.span, key: key.utf8Span.span, value: value.span)
        try appendFrame(.request(.putSecret, id: id), put)
    }

    mutating func appendGet(
        _ key: String,
        in namespace: String = "company.team",
        id: UInt32,
        timeout: UInt32 = 0
    ) throws {
        let get = ReferenceView(namespace: namespace.utf8Span.span, key: key.utf8Span.span, maximumAge: 0)
        try appendFrame(.request(.getSecret, id: id, timeout: timeout), get)
    }

    mutating func appendCancel(of id: UInt32) throws {
        try appendFrame(FrameHeader(payloadCount: 0, id: id, kind: .cancel))
    }
}
