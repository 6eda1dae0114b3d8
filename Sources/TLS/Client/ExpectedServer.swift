/// Which server a client is willing to speak to. Whatever is chosen, the server's certificate must lead to the
/// configured authority, be in date, and be for servers.
package enum ExpectedServer: Sendable, Equatable {
    /// The server whose certificate carries exactly this SPIFFE ID and no other URI name.
    case spiffeID(String)
    /// The server whose certificate names this host or IP address, whatever was dialled.
    case name(String)
}
