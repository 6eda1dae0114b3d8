import Backends
import Configuration
import Foundation
import Glibc
import Secrets
import Testing

@Suite("Encoding a .env file")
struct EnvironmentFileEncoderTests {
    /// What the encoder writes, through pipes as the command line has them.
    private func encode(_ text: String) throws -> (output: String, report: EnvironmentFileEncoder.Report) {
        let input = Pipe()
        let output = Pipe()
        try input.fileHandleForWriting.write(contentsOf: Data(text.utf8))
        try input.fileHandleForWriting.close()
        let report = try EnvironmentFileEncoder.encode(
            from: input.fileHandleForReading.fileDescriptor,
            to: output.fileHandleForWriting.fileDescriptor
        )
        try output.fileHandleForWriting.close()
        return (String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self), report)
    }

    @Test("the documentation's example gives the documentation's lines")
    func documented() throws {
        let (output, report) = try encode(
            """
            MYPASSWORD=password
            GITHUB_ACCESS_TOKEN=mypat
            AWS_ACCESS_KEY_ID=myawsaccesskey
            AWS_SECRET_ACCESS_KEY=myawssecretaccesskey
            """
        )
        #expect(
            output == """
                SECRET_MYPASSWORD=cGFzc3dvcmQ=
                SECRET_GITHUB_ACCESS_TOKEN=bXlwYXQ=
                SECRET_AWS_ACCESS_KEY_ID=bXlhd3NhY2Nlc3NrZXk=
                SECRET_AWS_SECRET_ACCESS_KEY=bXlhd3NzZWNyZXRhY2Nlc3NrZXk=

                """
        )
        #expect(report.encoded == 4)
        #expect(report.notes.isEmpty)
    }

    @Test("the documented script's defects are not repeated")
    func defects() throws {
        let long = String(repeating: "x", count: 100)
        let (output, report) = try encode(
            "A=abc=\nLONG=\(long)\n# comment\n\nF= lead\nH=-n\r\nexport I=x\nno sign\n9=x\nE=\"quoted\"\nEMPTY=\nLAST=x"
        )
        let lines = output.split(separator: "\n").map(String.init)
        func encoded(_ text: String) -> String { Data(text.utf8).base64EncodedString() }
        #expect(
            lines == [
                "SECRET_A=" + encoded("abc="), "SECRET_LONG=" + encoded(long), "SECRET_F=" + encoded(" lead"),
                "SECRET_H=" + encoded("-n"), "SECRET_I=" + encoded("x"), "SECRET_E=" + encoded("\"quoted\""),
                "SECRET_EMPTY=", "SECRET_LAST=" + encoded("x"),
            ]
        )
        #expect(report.encoded == 8)
        #expect(
            report.notes == [
                "line 8 has no \"=\"; it is skipped", "line 9 has no name that a secret may have; it is skipped",
                "E: its quotes are part of the value",
            ]
        )
    }

    @Test("what is encoded is what the backend reads", arguments: [0, 1, 2, 3, 57, 58, 1000])
    func roundTrip(byteCount: Int) async throws {
        let value = String((0..<byteCount).map { Character(UnicodeScalar(UInt8(33 + $0 % 90))) })
        let (output, _) = try encode("KEY=\(value)")
        let line = output.dropLast().split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let backend = try EnvironmentBackend(
            environment: FixedEnvironment(dictionaryLiteral: (String(line[0]), String(line[1])))
        )
        #expect(try await backend.read(name("KEY")) == Array(value.utf8))
    }

    @Test("the shortest lines grow within the encoder's bounds")
    func manyLines() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("tacit-\(UUID().uuidString)").path
        defer { unsafe unlink(path) }
        let source = unsafe open(path, O_RDWR | O_CREAT | O_EXCL, 0o600)
        let sink = unsafe open("/dev/null", O_WRONLY)
        defer {
            close(source)
            close(sink)
        }
        let text = Array(String(repeating: "A=x\n", count: 1 << 18).utf8)
        try #require(unsafe write(source, text, text.count) == text.count)
        lseek(source, 0, SEEK_SET)
        #expect(try EnvironmentFileEncoder.encode(from: source, to: sink).encoded == 1 << 18)
        // One byte more than a file may have.
        lseek(source, 0, SEEK_END)
        try #require(unsafe write(source, "#", 1) == 1)
        lseek(source, 0, SEEK_SET)
        #expect(throws: EnvironmentFileEncoder.Failure.tooLarge(limit: 1 << 20)) {
            try EnvironmentFileEncoder.encode(from: source, to: sink)
        }
    }

    @Test("an unreadable input and a full output are named")
    func failures() throws {
        #expect(throws: EnvironmentFileEncoder.Failure.reading(code: EBADF)) {
            try EnvironmentFileEncoder.encode(from: -1, to: STDOUT_FILENO)
        }
        let input = Pipe()
        try input.fileHandleForWriting.write(contentsOf: Data("A=b".utf8))
        try input.fileHandleForWriting.close()
        let full = unsafe open("/dev/full", O_WRONLY)
        defer { close(full) }
        let error = #expect(throws: EnvironmentFileEncoder.Failure.writing(code: ENOSPC)) {
            try EnvironmentFileEncoder.encode(from: input.fileHandleForReading.fileDescriptor, to: full)
        }
        #expect(error?.description.contains("No space") == true)
    }
}
