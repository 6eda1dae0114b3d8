internal import CLinux
internal import Glibc
internal import OpenSSLHooks
internal import SwiftOverlayShims
internal import TLS

/// The client's certificate, key and authority, loaded again when their files have changed: certificates live shorter
/// than the programs that use them.
struct Credentials: ~Copyable, Sendable {
    /// What tells one content of a file from another without reading it.
    private struct Stamp: Equatable, Sendable {
        var device: UInt64 = 0
        var inode: UInt64 = 0
        var size: Int64 = 0
        var seconds: Int = 0
        var nanoseconds: Int = 0

        /// - Returns: nil where there is no such file.
        init?(_ path: String) {
            var status = stat()
            guard unsafe stat(path, &status) == 0 else { return nil }
            device = UInt64(status.st_dev)
            inode = UInt64(status.st_ino)
            size = Int64(status.st_size)
            seconds = status.st_mtim.tv_sec
            nanoseconds = status.st_mtim.tv_nsec
        }
    }

    private let files: TLSFiles
    private let expected: ExpectedServer?
    private var stamps: [Stamp?]
    /// What new connections are made with.
    private(set) var context: ClientContext

    /// Whether what OpenSSL decrypts into is locked memory too. Not so where the program has used OpenSSL before.
    let isMemoryLocked: Bool

    /// - Throws: ``ClientError/configuration(_:)`` where a file cannot be read or used.
    init(_ options: ClientOptions) throws(ClientError) {
        files = TLSFiles(
            certificate: options.certificate,
            privateKey: options.privateKey,
            authority: options.authority
        )
        expected = options.agentIdentity.map { .spiffeID($0) }
        isMemoryLocked = OpenSSLMemory.install()
        stamps = Self.stamps(of: files)
        context = try Self.load(files, expected)
    }

    /// Takes up changed files. While they cannot be used, as in the middle of a rotation, the old ones stay.
    ///
    /// - Returns: whether there were others.
    @discardableResult
    mutating func refresh() -> Bool {
        let found = Self.stamps(of: files)
        guard found != stamps, let fresh = try? Self.load(files, expected) else { return false }
        stamps = found
        context = fresh
        return true
    }

    private static func stamps(of files: TLSFiles) -> [Stamp?] {
        [files.certificate, files.privateKey, files.authority].map { Stamp($0) }
    }

    private static func load(_ files: TLSFiles, _ expected: ExpectedServer?) throws(ClientError) -> ClientContext {
        do throws(TLSError) {
            return try ClientContext(files: files, expectedServer: expected)
        } catch { throw .configuration(error.description) }
    }
}
