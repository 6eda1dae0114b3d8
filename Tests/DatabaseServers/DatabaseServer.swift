import Foundation

/// A real server for tests, with data, certificates and a port of its own.
///
/// It ends with the last reference to it, and with the test program, however that ends.
package protocol DatabaseServer: AnyObject, Sendable {
    /// Starts it, and waits until it can be used. Takes about half a second, the first time two.
    init(options: DatabaseServerOptions) throws

    var port: Int { get }

    /// The folder of its files.
    var path: String { get }

    /// What a URL begins with.
    static var scheme: String { get }

    /// The parameter of a URL that names the authorities to trust.
    static var authorityParameter: String { get }

    /// Runs statements as the superuser.
    ///
    /// - Returns: the rows, one a line, columns separated as the server's own program does it.
    @discardableResult
    func sql(_ statements: String, database: String) throws -> String

    /// Starts it again after it was stopped or killed.
    func start() throws

    /// Ends its sessions and shuts it down.
    func stop() throws

    /// Kills all its processes at once, and waits until they are gone.
    func kill() throws

    /// Makes it hang: it keeps its connections, takes new ones, and answers nothing.
    func pause() throws

    func resume() throws

    /// The whole database as its own program writes it out.
    func dump() throws -> String
}

extension DatabaseServer {
    /// Owns ``database`` and may do nothing else.
    package static var user: String { "agent" }
    package static var password: String { "a-password-for-tests-only" }
    package static var database: String { "tacit" }

    /// PEM with the authority that issued its certificate.
    package var authorityFile: String { "\(path)/ca.crt" }
    /// PEM with an authority that has nothing to do with it.
    package var otherAuthorityFile: String { "\(path)/other-ca.crt" }

    /// A URL as in configurations.
    ///
    /// - Parameters:
    ///   - host: what to call it.
    ///   - parameters: more of them, such as `currentSchema=a`.
    package func url(host: String = "localhost", _ parameters: String...) -> String {
        let all = ["\(Self.authorityParameter)=\(authorityFile)"] + parameters
        return "\(Self.scheme)://\(host):\(port)/\(Self.database)?\(all.joined(separator: "&"))"
    }

    @discardableResult
    package func sql(_ statements: String) throws -> String { try sql(statements, database: Self.database) }

    package func restart() throws {
        try stop()
        try start()
    }

    /// What it wrote to its log.
    package func log() -> String { (try? String(contentsOfFile: "\(path)/log", encoding: .utf8)) ?? "" }

    /// The files of the server, its logs among them, in which a text stands.
    package func files(holding text: String) throws -> [String] { try ServerFiles.holding(text, in: path) }
}
