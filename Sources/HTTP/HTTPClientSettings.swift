package import SecretMemory

/// How one scope's manager is reached. TLS 1.2 or later and the server's certificate are always demanded.
package struct HTTPClientSettings: Sendable {
    /// Certificates (PEM) that a server's must lead to; nil for those of the system.
    package var authorities: SharedSecret?
    /// The client's own certificate with its chain, and its key, both PEM.
    package var identity: (certificate: SharedSecret, privateKey: SharedSecret)?
    package var proxy: HTTPProxy?
    /// Whether `http://` may go to another machine.
    package var allowsPlainHTTP = false
    /// Until a connection stands, TLS included.
    package var connectTimeout: Duration = .seconds(5)
    /// From then until the first byte of the answer.
    package var firstByteTimeout: Duration = .seconds(10)
    /// For all of a request.
    package var totalTimeout: Duration = .seconds(30)
    /// Most bytes of an answer's body.
    package var maximumResponseBytes = 4 << 20
    /// Most connections at a time; requests beyond them wait.
    package var maximumConnections = 16
    /// An idle connection is not used again after this long.
    package var idleTimeout: Duration = .seconds(60)

    package init() {}
}

/// A proxy that requests go through, by CONNECT where they are HTTPS.
package struct HTTPProxy: Sendable {
    /// `http://HOST:PORT` or `https://HOST:PORT`
    package var address: String
    package var username: String?
    package var password: SharedSecret?
    /// Hosts that are reached without it: names, with their subdomains, and addresses.
    package var exceptions: [String]

    package init(address: String, username: String? = nil, password: SharedSecret? = nil, exceptions: [String] = []) {
        self.address = address
        self.username = username
        self.password = password
        self.exceptions = exceptions
    }
}
