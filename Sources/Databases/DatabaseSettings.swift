/// Where a database is, and how it is spoken to, whatever kind of server it is on.
package protocol DatabaseSettings: Sendable {
    /// Tried in this order, the one that answered last first.
    var hosts: [DatabaseHost] { get }
    var database: String { get }
    /// Whether addresses of other machines are to be refused.
    var isLoopbackOnly: Bool { get }
    /// How long one address may take to answer and to log in.
    var connectTimeout: Duration { get set }
    /// How long the server works on a statement before it gives up by itself.
    var statementTimeout: Duration { get set }
    /// How long the server waits for a lock.
    var lockTimeout: Duration { get set }
}
