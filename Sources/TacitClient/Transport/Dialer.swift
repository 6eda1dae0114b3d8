internal import Glibc

/// Connects sockets within a deadline.
enum Dialer {
    /// A connected socket.
    ///
    /// Looking up a host name is the system's business and may take longer than the deadline.
    static func connect(to address: Address, until deadline: Deadline) throws(ChannelFailure) -> Descriptor {
        switch address {
        case .unix(let path): try connect(path: path, address, deadline)
        case .tcp(let host, let port): try connect(host: host, port: port, address, deadline)
        }
    }

    private static func connect(
        path: String,
        _ address: Address,
        _ deadline: Deadline
    ) throws(ChannelFailure) -> Descriptor {
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        guard path.utf8.count <= Address.pathLimit else {
            throw .final(.configuration("\(address) is not an agent's address: its path is too long"))
        }
        unsafe withUnsafeMutableBytes(of: &name.sun_path) { place in unsafe place.copyBytes(from: path.utf8) }
        let descriptor = try Descriptor(family: AF_UNIX)
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        try unsafe withUnsafePointer(to: &name) { (pointer) throws(ChannelFailure) in
            try unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { (name) throws(ChannelFailure) in
                try unsafe finish(descriptor, name, size, address, deadline)
            }
        }
        return descriptor
    }

    private static func connect(
        host: String,
        port: UInt16,
        _ address: Address,
        _ deadline: Deadline
    ) throws(ChannelFailure) -> Descriptor {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
        unsafe hints.ai_flags = AI_NUMERICSERV | AI_ADDRCONFIG
        var found: UnsafeMutablePointer<addrinfo>?
        let code = unsafe getaddrinfo(host, String(port), &hints, &found)
        guard code == 0, let first = unsafe found else {
            let text = unsafe code == EAI_SYSTEM ? systemText(errno) : String(cString: gai_strerror(code))
            throw .final(.unreachable("\(address) cannot be looked up: \(text)"))
        }
        defer { unsafe freeaddrinfo(first) }
        var failure = ChannelFailure.final(.unreachable("\(address) has no address"))
        var next: UnsafeMutablePointer<addrinfo>? = unsafe first
        while let entry = unsafe next {
            do throws(ChannelFailure) {
                guard let name = unsafe entry.pointee.ai_addr else { break }
                let descriptor = try Descriptor(family: unsafe entry.pointee.ai_family)
                try unsafe finish(descriptor, name, entry.pointee.ai_addrlen, address, deadline)
                var on: CInt = 1
                unsafe setsockopt(
                    descriptor.raw,
                    CInt(IPPROTO_TCP),
                    TCP_NODELAY,
                    &on,
                    socklen_t(MemoryLayout<CInt>.size)
                )
                return descriptor
            } catch {
                failure = error
                if case .final(.timedOut) = error { break }
            }
            unsafe next = entry.pointee.ai_next
        }
        throw failure
    }

    private static func finish(
        _ descriptor: borrowing Descriptor,
        _ name: UnsafePointer<sockaddr>,
        _ size: socklen_t,
        _ address: Address,
        _ deadline: Deadline
    ) throws(ChannelFailure) {
        while true {
            if unsafe Glibc.connect(descriptor.raw, name, size) == 0 { return }
            switch errno {
            case EINPROGRESS, EINTR, EALREADY:
                guard descriptor.wait(reading: false, writing: true, until: deadline) else {
                    throw .final(deadline.error)
                }
                var code: CInt = 0
                var size = socklen_t(MemoryLayout<CInt>.size)
                unsafe getsockopt(descriptor.raw, SOL_SOCKET, SO_ERROR, &code, &size)
                guard code == 0 else { throw failure(address, code) }
                return
            case EAGAIN:
                // A Unix socket whose queue is full: there is no event to wait for.
                guard !deadline.isOver else { throw .final(deadline.error) }
                poll(nil, 0, min(5, deadline.pollTimeout))
            case let code:
                throw failure(address, code)
            }
        }
    }

    private static func failure(_ address: Address, _ code: CInt) -> ChannelFailure {
        let advice =
            switch code {
            case ENOENT, ECONNREFUSED: ". Is the agent running?"
            case EACCES: ". Is this user in the socket's group?"
            default: ""
            }
        let error = ClientError.unreachable("no connection to \(address): \(systemText(code))\(advice)")
        return switch code {
        case ENOENT, ECONNREFUSED: .absent(error)
        // The agent closed its socket while this waited to be taken.
        case ECONNRESET, EPIPE: .lost(error, sent: false)
        default: .final(error)
        }
    }
}
