internal import SecretMemory

/// A session, which its cookies stand for: the server's own, and those of balancers in front of it.
final class BeyondTrustSession: Sendable {
    /// As they are sent: `NAME=VALUE; NAME=VALUE`.
    let cookies: SharedSecret
    /// The number of the user that signed in.
    let user: Int64

    init(cookies: SharedSecret, user: Int64) {
        self.cookies = cookies
        self.user = user
    }
}
