import Backends
import Foundation
import Glibc
import Secrets
import Testing

@Suite("A store's file")
struct StoreFileTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func mode(_ path: String) throws -> UInt32 {
        var found = stat()
        try #require(unsafe lstat(path, &found) == 0)
        return found.st_mode & 0o7777
    }

    private func refusal(_ path: String) async throws -> BackendError? {
        let backend = try store(path)
        let error = await backendError { () throws(BackendError) in try await backend.connect() }
        await backend.close()
        return error
    }

    @Test("missing directories and files are made for the owner alone")
    func modes() async throws {
        let path = directory.file("a/b/store.db")
        let backend = try store(path)
        try await backend.write(name("A"), [1])
        #expect(try mode(directory.file("a")) == 0o700)
        #expect(try mode(directory.file("a/b")) == 0o700)
        for file in [path, path + "-wal", path + "-shm"] { #expect(try mode(file) == 0o600) }
        await backend.close()
    }

    @Test("a file that everybody may write is refused")
    func worldWritable() async throws {
        let path = directory.file("store.db")
        #expect(try await refusal(path) == nil)
        unsafe try #require(chmod(path, 0o606) == 0)
        #expect(try await refusal(path)?.detail.hasSuffix("run: chmod 600 \(path)") == true)
    }

    @Test("a symbolic link in place of the file is refused, one in the directory's path is followed")
    func symbolicLinks() async throws {
        let path = directory.file("store.db")
        #expect(try await refusal(path) == nil)
        try FileManager.default.createSymbolicLink(atPath: directory.file("link.db"), withDestinationPath: path)
        #expect(try await refusal(directory.file("link.db"))?.detail.contains("symbolic link") == true)
        try FileManager.default.createSymbolicLink(atPath: directory.file("here"), withDestinationPath: directory.path)
        #expect(try await refusal(directory.file("here/store.db")) == nil)
    }

    @Test("a path that names no file is refused", arguments: ["", "/", "a/", "..", "a\u{0}b"])
    func badPaths(path: String) async throws {
        #expect(try await refusal(path)?.detail.contains("names no file") == true)
    }

    @Test("a directory in place of the file is refused")
    func directoryInPlace() async throws {
        #expect(try await refusal(directory.path)?.detail.contains("no regular file") == true)
    }

    @Test("a directory that cannot be written is named, with a file in it and without", arguments: [false, true])
    func readOnlyDirectory(hasFile: Bool) async throws {
        let path = directory.file("store.db")
        if hasFile { #expect(try await refusal(path) == nil) }
        let nobody: UInt32 = 65534
        if geteuid() == 0 {
            try #require(unsafe chown(directory.path, nobody, nobody) == 0)
            if hasFile { try #require(unsafe chown(path, nobody, nobody) == 0) }
        }
        unsafe try #require(chmod(directory.path, 0o500) == 0)
        let end = try StoreProcess([path, "1", "nobody"]).end()
        unsafe try #require(chmod(directory.path, 0o700) == 0)
        #expect(end.status == 4)
        #expect(end.errors.hasPrefix("denied"), "\(end.errors)")
        #expect(end.errors.contains(path) && end.errors.contains("needs to write"), "\(end.errors)")
    }

    @Test("a read-only store needs its file")
    func readOnly() async throws {
        let backend = try store(directory.file("store.db"), options: { $0.isReadOnly = true })
        let error = await backendError { () throws(BackendError) in try await backend.connect() }
        #expect(error?.detail.contains("No such file") == true)
        await backend.close()
    }
}
