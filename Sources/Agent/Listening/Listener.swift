internal import CLinux
package import Configuration
internal import Glibc

/// A socket that takes connections. A socket file that it made is removed when it goes.
@safe
package struct Listener: ~Copyable, @unchecked Sendable {  // Sound: a descriptor and values.
    /// Connections that may wait in the kernel before the agent takes them.
    package static let backlog: CInt = 4096

    package let descriptor: CInt
    /// With the port that was really taken.
    package private(set) var address: ListenerSettings.Address
    package let isUnix: Bool
    /// Whether a service manager holds the socket too, and goes on holding it.
    package let isInherited: Bool
    /// The socket file that this listener made.
    private var file: FileMark

    /// Tells a socket file from another of the same path.
    private struct FileMark: Equatable {
        /// No file has this one.
        static let none = FileMark(device: 0, inode: 0)

        let device: dev_t
        let inode: ino_t

        /// - Returns: ``none`` where there is no file.
        static func of(_ path: String) -> FileMark {
            var status = stat()
            guard unsafe lstat(path, &status) == 0 else { return none }
            return FileMark(device: status.st_dev, inode: status.st_ino)
        }
    }

    /// Why there is no listener, and what to do.
    package struct Failure: Error, Equatable, Sendable, CustomStringConvertible {
        package let description: String
    }

    private init(descriptor: CInt, address: ListenerSettings.Address, isInherited: Bool = false) {
        self.descriptor = descriptor
        self.address = address
        isUnix = if case .unix = address { true } else { false }
        self.isInherited = isInherited
        file = .none
    }

    /// Serves a socket that was passed. Its file, and the rights of that, are the service manager's.
    ///
    /// - Parameter descriptor: one that ``InheritedSockets`` gave out; owned from now on.
    init(inheriting descriptor: CInt, _ address: ListenerSettings.Address) {
        self = Listener(descriptor: descriptor, address: address, isInherited: true)
    }

    /// Takes the address, with the rights that the settings give a socket file.
    package init(_ settings: ListenerSettings) throws(Failure) {
        switch settings.address {
        case .unix(let path): self = try Self.unix(path, settings)
        case .tcp(let address): self = try Self.tcp(address)
        }
    }

    // MARK: Unix

    private static func unix(_ path: String, _ settings: ListenerSettings) throws(Failure) -> Listener {
        try removeLeftover(path)
        var listener = Listener(descriptor: try newSocket(AF_UNIX, "unix://\(path)"), address: .unix(path))
        let bound = unsafe withAddress(of: path) { address, size in unsafe bind(listener.descriptor, address, size) }
        guard bound == 0 else {
            let code = errno
            let hint = code == ENOENT ? "; create its directory first" : ""
            throw failure("bind unix://\(path)", code, hint)
        }
        listener.file = .of(path)
        // Nobody can connect before listen, so the file's rights are right before the first peer comes.
        try apply(settings, to: path)
        guard listen(listener.descriptor, backlog) == 0 else { throw failure("listen on unix://\(path)", errno) }
        return listener
    }

    /// A socket file that nobody serves any more is removed; one that somebody serves is an error.
    private static func removeLeftover(_ path: String) throws(Failure) {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            throw Failure(description: "\(path) exists and is no socket; move it away or choose another address")
        }
        let probe = try newSocket(AF_UNIX, "unix://\(path)")
        defer { close(probe) }
        let answered = unsafe withAddress(of: path) { address, size in unsafe connect(probe, address, size) }
        if answered == 0 || errno == EAGAIN {
            throw Failure(description: "another process serves unix://\(path); stop it or choose another address")
        }
        unsafe unlink(path)
    }

    private static func apply(_ access: ListenerSettings, to path: String) throws(Failure) {
        var uid = uid_t.max
        var gid = gid_t.max
        if let owner = access.owner {
            if let number = uid_t(owner) {
                uid = number
            } else if let entry = unsafe getpwnam(owner) {
                uid = unsafe entry.pointee.pw_uid
            } else {
                throw Failure(description: "there is no user \"\(owner)\" to own \(path)")
            }
        }
        if let group = access.group {
            if let number = gid_t(group) {
                gid = number
            } else if let entry = unsafe getgrnam(group) {
                gid = unsafe entry.pointee.gr_gid
            } else {
                throw Failure(description: "there is no group \"\(group)\" to own \(path)")
            }
        }
        if access.owner != nil || access.group != nil {
            guard unsafe chown(path, uid, gid) == 0 else { throw failure("chown \(path)", errno) }
        }
        guard unsafe chmod(path, mode_t(access.mode)) == 0 else { throw failure("chmod \(path)", errno) }
    }

    private static func withAddress(
        of path: String,
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> CInt
    ) -> CInt {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { target in
            // The length was checked when the address was read; the rest stays zero.
            for (index, byte) in path.utf8.enumerated() where index < target.count - 1 { unsafe target[index] = byte }
        }
        return unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe body(address, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }

    // MARK: TCP

    /// Lends the list of socket addresses that a host and a port stand for.
    @unsafe
    static func withAddresses<Result: ~Copyable>(
        of address: HostAndPort,
        _ body: (UnsafeMutablePointer<addrinfo>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
        unsafe hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        var results: UnsafeMutablePointer<addrinfo>?
        let code = unsafe getaddrinfo(address.host, String(address.port), &hints, &results)
        guard code == 0, let first = unsafe results else {
            throw Failure(
                description:
                    "\"\(address.host)\" is no address of this machine: \(unsafe String(cString: gai_strerror(code)))"
            )
        }
        defer { unsafe freeaddrinfo(results) }
        return try unsafe body(first)
    }

    private static func tcp(_ address: HostAndPort) throws(Failure) -> Listener {
        unsafe try withAddresses(of: address) { (first) throws(Failure) in unsafe try tcp(address, first) }
    }

    private static func tcp(
        _ address: HostAndPort,
        _ first: UnsafeMutablePointer<addrinfo>
    ) throws(Failure) -> Listener {
        let name = "tcp://\(address)"
        let family = unsafe first.pointee.ai_family
        let descriptor = try newSocket(family, name)
        var on: CInt = 1
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<CInt>.size))
        var listener = Listener(descriptor: descriptor, address: .tcp(address))
        guard unsafe bind(descriptor, first.pointee.ai_addr, first.pointee.ai_addrlen) == 0 else {
            throw failure("bind \(name)", errno)
        }
        guard listen(descriptor, backlog) == 0 else { throw failure("listen on \(name)", errno) }
        if address.port == 0 {
            listener.address = .tcp(HostAndPort(host: address.host, port: boundPort(descriptor)))
        }
        return listener
    }

    private static func boundPort(_ descriptor: CInt) -> UInt16 {
        var storage = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return unsafe withUnsafeMutablePointer(to: &storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                _ = unsafe getsockname(descriptor, address, &size)
            }
            // The port stands at the same place in both families.
            return unsafe pointer.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { address in
                unsafe UInt16(bigEndian: address.pointee.sin_port)
            }
        }
    }

    private static func newSocket(_ family: CInt, _ name: String) throws(Failure) -> CInt {
        let kind = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_NONBLOCK.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(family, kind, 0)
        guard descriptor >= 0 else { throw failure("socket for \(name)", errno) }
        return descriptor
    }

    private static func failure(_ operation: String, _ code: CInt, _ hint: String = "") -> Failure {
        Failure(description: "cannot \(operation): \(unsafe String(cString: strerror(code)))\(hint)")
    }

    deinit {
        // In this order: once the descriptor is closed, another agent may have put its own socket there.
        if case .unix(let path) = address, file != .none, file == .of(path) { unsafe unlink(path) }
        close(descriptor)
    }
}
