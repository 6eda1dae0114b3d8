package struct DatabaseServerOptions: Sendable {
    /// Whether it speaks TLS, and then only TLS.
    package var speaksTLS = true
    /// `server` is for localhost, `elsewhere` for another host.
    package var certificate = "server"
    /// Whether what it acknowledged is still there after a power cut. What only a killed process loses, nothing, does
    /// not need it.
    package var isDurable = false
    /// More lines for its configuration.
    package var settings: [String: String] = [:]

    package init() {}
}
