import Foundation
import Migration
import Secrets
import Testing

@Suite("The journal of a migration") struct JournalTests {
    private let folder: TemporaryFolder
    private let header = JournalHeader(pair: "pair", source: "from.yaml", target: "to.yaml", carriesMetadata: true)

    init() throws { folder = try TemporaryFolder() }

    private var path: String { folder.path("journal") }

    private func name(_ key: String) -> SecretName { SecretName(tenant: "main", namespace: "company.team", key: key) }

    /// Writes and closes.
    private func write(_ records: JournalRecord...) throws {
        let (journal, _) = try Journal.open(path, header)
        for record in records { try journal.append(record) }
    }

    private func past() throws -> JournalContent { try Journal.open(path, header).past }

    @Test("what was written is there when it is opened again, whatever its names hold")
    func again() throws {
        let strange = SecretName(tenant: "ten\tant", namespace: "", key: "%0a\nÜ key")
        try write(.begun(name("A")), .finished(name("A"), version: "3"), .begun(strange))
        let past = try past()
        #expect(past.begun == [name("A"), strange])
        #expect(past.finished == [name("A"): "3"])
        #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o600)
    }

    @Test("what was begun again after it had been finished is not finished")
    func begunAgain() throws {
        try write(.finished(name("A"), version: "1"), .begun(name("A")))
        #expect(try past().finished.isEmpty)
    }

    @Test("a file that was cut at any place is read up to its last whole line, and goes on there")
    func cutAnywhere() throws {
        try write(.begun(name("A")), .finished(name("A"), version: "1"), .begun(name("B")))
        let whole = try #require(FileManager.default.contents(atPath: path))
        for length in 0...whole.count {
            try whole.prefix(length).write(to: URL(fileURLWithPath: path))
            let lines = whole.prefix(length).count { $0 == UInt8(ascii: "\n") }
            let past = try past()
            #expect(past.begun.contains(name("A")) == (lines >= 2))
            #expect((past.finished[name("A")] != nil) == (lines >= 3))
            #expect(past.begun.contains(name("B")) == (lines >= 4))
            try write(.finished(name("C"), version: "9"))
            #expect(try self.past().finished[name("C")] == "9")
            try FileManager.default.removeItem(atPath: path)
            try Data().write(to: URL(fileURLWithPath: path))
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        }
    }

    @Test("no changed byte makes a line that says something else")
    func changedBytes() throws {
        try write(.finished(name("A"), version: "1"))
        let whole = try #require(FileManager.default.contents(atPath: path))
        let first = try #require(whole.firstIndex(of: UInt8(ascii: "\n")))
        for index in (first + 1)..<whole.count {
            var changed = whole
            changed[index] ^= 1
            try changed.write(to: URL(fileURLWithPath: path))
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
            #expect(try past() == JournalContent())
        }
    }

    @Test("a journal of another pair, or of another manner, is refused and stays as it is")
    func otherPair() throws {
        try write(.begun(name("A")))
        let before = FileManager.default.contents(atPath: path)
        let other = JournalHeader(pair: "other", source: "x", target: "y", carriesMetadata: true)
        #expect(throws: JournalFailure.otherPair(path: path, source: "from.yaml", target: "to.yaml")) {
            _ = try Journal.open(path, other)
        }
        let bare = JournalHeader(pair: "pair", source: "x", target: "y", carriesMetadata: false)
        #expect(throws: JournalFailure.otherMetadata(path: path, carriesMetadata: false)) {
            _ = try Journal.open(path, bare)
        }
        #expect(FileManager.default.contents(atPath: path) == before)
    }

    @Test("a file of somebody else is refused and stays as it is", arguments: ["a text", "a text\n", "\0\0\0\n"])
    func foreign(text: String) throws {
        try folder.write(text, to: "journal")
        #expect(throws: JournalFailure.foreign(path: path)) { _ = try Journal.open(path, header) }
        #expect(FileManager.default.contents(atPath: path) == Data(text.utf8))
    }

    @Test("a file that others can write, a link and a folder are refused")
    func writableByOthers() throws {
        try write(.begun(name("A")))
        try FileManager.default.setAttributes([.posixPermissions: 0o620], ofItemAtPath: path)
        #expect(throws: JournalFailure.unsafe(path: path)) { _ = try Journal.open(path, header) }
        try FileManager.default.createSymbolicLink(atPath: folder.path("link"), withDestinationPath: path)
        #expect(throws: JournalFailure.self) { _ = try Journal.open(folder.path("link"), header) }
        #expect(throws: JournalFailure.self) { _ = try Journal.open(folder.path("."), header) }
        #expect(throws: JournalFailure.foreign(path: "/dev/full")) { _ = try Journal.open("/dev/full", header) }
    }

    @Test("two migrations do not write one journal")
    func inUse() throws {
        let (journal, _) = try Journal.open(path, header)
        #expect(throws: JournalFailure.inUse(path: path)) { _ = try Journal.open(path, header) }
        try journal.append(.begun(name("A")))
    }

    @Test("a file larger than the bound is refused")
    func tooLarge() throws {
        try write(.begun(name("A")))
        _ = unsafe truncate(path, off_t(Journal.maximumBytes + 1))
        #expect(throws: JournalFailure.full(path: path, limit: Journal.maximumBytes)) {
            _ = try Journal.open(path, header)
        }
    }

    @Test("it is gone once it is removed")
    func removed() throws {
        let (journal, _) = try Journal.open(path, header)
        try journal.remove()
        #expect(!Journal.exists(path))
    }
}
