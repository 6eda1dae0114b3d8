import Backends
import Configuration
import Foundation
import Glibc
import Secrets
import Testing

@Suite("Files of the environment's form")
struct EnvironmentFileTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    @discardableResult
    private func write(_ text: String, to file: String = ".env_encoded", mode: mode_t = 0o400) throws -> String {
        let path = directory.file(file)
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        unsafe try #require(chmod(path, mode) == 0)
        return path
    }

    private func load(
        _ files: [String],
        environment: FixedEnvironment = [:],
        log: NoticeLog = NoticeLog(),
        options change: (inout EnvironmentOptions) -> Void = { _ in }
    ) throws -> EnvironmentBackend {
        var options = EnvironmentOptions()
        options.files = files
        change(&options)
        return try EnvironmentBackend(environment: environment, options: options, notices: log.handler)
    }

    private func value(_ key: String, of backend: EnvironmentBackend) async throws -> String? {
        try await backend.read(name(key)).map { String(decoding: $0, as: UTF8.self) }
    }

    @Test("every form of line that such files have is read")
    func lines() async throws {
        let log = NoticeLog()
        let path = try write(
            """
            \u{feff}# a comment
            SECRET_MYPASSWORD=cGFzc3dvcmQ=\r
              # another, and a line with nothing

            export SECRET_EXPORTED=bXlwYXQ=
              SECRET_INDENTED=bXlwYXQ=
            PLAIN=ignored
            SECRET_# comment=
            SECRET_=
            no equals sign here
            SECRET_LAST=bXlwYXQ=
            """
        )
        let backend = try load([path], log: log)
        #expect(try await value("MYPASSWORD", of: backend) == "password")
        #expect(try await value("EXPORTED", of: backend) == "mypat")
        #expect(try await value("INDENTED", of: backend) == "mypat")
        #expect(try await value("LAST", of: backend) == "mypat")
        #expect(log.all.count == 3)
        #expect(log.all.contains("\(path): line 10 has no \"=\"; it is skipped"))
    }

    @Test(
        "what the documented shell script wraps is put together again",
        arguments: [57, 58, 76, 113, 114, 115, 171, 500]
    )
    func wrapped(byteCount: Int) async throws {
        let secret = String(repeating: "s", count: byteCount - 1) + "!"
        let encoded = Data(secret.utf8).base64EncodedString(options: [.lineLength76Characters, .endLineWithLineFeed])
        let path = try write("SECRET_LONG=\(encoded)\nSECRET_NEXT=bXlwYXQ=\n")
        let log = NoticeLog()
        let backend = try load([path], log: log)
        #expect(try await value("LONG", of: backend) == secret)
        #expect(try await value("NEXT", of: backend) == "mypat")
        #expect(log.all.isEmpty)
    }

    @Test("another variable with nothing in it is no continuation")
    func noContinuation() async throws {
        let path = try write("SECRET_A=bXlwYXQ=\nFOO=\nBAR==\n")
        #expect(try await value("A", of: load([path])) == "mypat")
    }

    @Test(
        "the documented template stands for its text",
        arguments: [
            Written(#"{{ "password" | base64encode }}"#, "password"),
            Written(#"{{"a b|c" |base64encode}}"#, "a b|c"),
            Written(#"{{ 'single \' quote' | base64encode }}"#, "single ' quote"),
            Written(#"{{ "back\\slash \" quote" | base64encode }}"#, #"back\slash " quote"#),
            Written(#"{{ "" | base64encode }}"#, ""),
            Written(#"{{ "unicode ä" | base64encode }}"#, "unicode ä"),
            Written(#"{{ "a" | upper }}"#, nil),
            Written(#"{{ "a" | base64encode | upper }}"#, nil),
            Written(#"{{ "a }}"#, nil),
            Written(#"{{ "a\n" | base64encode }}"#, nil),
            Written(#"{{ secret('A') }}"#, nil),
            Written("{{", nil),
        ]
    )
    func macros(written: Written) async throws {
        let path = try write("SECRET_X=\(written.text)\n")
        for encoding in SecretEncoding.allCases {
            let log = NoticeLog()
            let backend = try load([path], log: log, options: { $0.encoding = encoding })
            #expect(try await backend.read(name("X")) == written.value)
            #expect(log.all.count == (written.value == nil ? 1 : 0))
            #expect(log.all.allSatisfy { $0.contains("SECRET_X") })
        }
        let without = try load([path], options: { $0.allowsMacros = false })
        #expect(try await without.read(name("X")) == nil)
    }

    @Test("a later file wins over an earlier one, and the process's own variables over all")
    func order() async throws {
        let first = try write("SECRET_A=MQ==\nSECRET_B=Mg==\nSECRET_C=Mw==\n", to: "1.env")
        let second = try write("SECRET_B=NA==\nSECRET_c=NQ==\n", to: "2.env")
        let backend = try load([first, second], environment: ["SECRET_C": "Ng=="])
        #expect(try await value("A", of: backend) == "1")
        #expect(try await value("B", of: backend) == "4")
        #expect(try await value("C", of: backend) == "6")
    }

    @Test("two spellings of one key in one file are refused")
    func duplicates() throws {
        let path = try write("SECRET_A=Mg==\nSECRET_a=Mg==\n")
        let error = #expect(throws: EnvironmentRefusal.self) { try load([path]) }
        #expect(error?.description == "\(path): SECRET_A and SECRET_a are the same key A; remove one of them")
    }

    @Test("files that others could have read or written are refused", arguments: [0o440, 0o404, 0o620, 0o602])
    func modes(mode: Int) throws {
        let path = try write("SECRET_A=Mg==\n", mode: mode_t(mode))
        let error = #expect(throws: EnvironmentRefusal.self) { try load([path]) }
        #expect(error?.description == "\(path) may be read or written by others; run: chmod 400 \(path)")
    }

    @Test("what is no file, missing or too large is refused by name")
    func noFile() throws {
        let missing = directory.file("missing")
        let large = try write(String(repeating: "#\n", count: 1 << 19) + "#", to: "large")
        for (path, reason) in [
            (missing, "No such file"), (directory.path, "not a regular file"), (large, "1048576 bytes"),
        ] {
            let error = #expect(throws: EnvironmentRefusal.self) { try load([path]) }
            #expect(error?.description.hasPrefix(path) == true)
            #expect(error?.description.contains(reason) == true)
        }
    }

    @Test("a file of the largest size may be one secret")
    func largest() async throws {
        let encoded = String(repeating: "YWFh", count: ((1 << 20) - 16) / 4)
        let path = try write("SECRET_A=\(encoded)\n")
        let backend = try load([path])
        #expect(try await backend.read(name("A"))?.count == encoded.utf8.count / 4 * 3)
    }
}
