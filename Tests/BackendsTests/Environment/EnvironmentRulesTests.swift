import Backends
import Configuration
import Foundation
import SecretMemory
import Secrets
import Testing

/// A value, and what becomes of it; nil where it is skipped.
struct Written: Sendable, CustomTestStringConvertible {
    let text: String
    let value: [UInt8]?
    var position: Int?

    init(_ text: String, _ value: String?, at position: Int? = nil) {
        self.text = text
        self.value = value.map { Array($0.utf8) }
        self.position = position
    }

    var testDescription: String { text.debugDescription }
}

@Suite("The environment's rules")
struct EnvironmentRulesTests {
    private func load(
        _ variables: [String: String],
        log: NoticeLog = NoticeLog(),
        options change: (inout EnvironmentOptions) -> Void = { _ in }
    ) throws -> EnvironmentBackend {
        var options = EnvironmentOptions()
        change(&options)
        let values = try variables.mapValues { SharedSecret(try SecretBytes(copying: Array($0.utf8).span)) }
        return try EnvironmentBackend(environment: FixedEnvironment(values), options: options, notices: log.handler)
    }

    @Test(
        "values decode as strictly as they were meant to",
        arguments: [
            Written("bXlQcml2YXRlQ29kZQ==", "myPrivateCode"),
            Written("cGFzc3dvcmQ=", "password"),
            Written("cGFzc3dvcmQ", "password"),
            Written("cGFzc3dvcmQ==", nil, at: 12),
            Written("cGFz\nc3dvcmQ=", "password"),
            Written("c\u{b}G\u{c}F\rz\r\nc\u{85}3d\u{2028}vcmQ=\u{2029}", "password"),
            Written("cGFz c3dvcmQ=", nil, at: 4),
            Written(" cGFzc3dvcmQ=", nil, at: 0),
            Written("-_8=", nil, at: 0),
            Written("cGFzc3dvcmQ=cGFz", nil, at: 12),
            Written("YR==", "a"),
            Written("", ""),
            Written("YQ=", nil, at: 3),
            Written("YQ===", nil, at: 4),
            Written("Y", nil, at: 1),
            Written("YWFhY", nil, at: 5),
            Written("=", nil, at: 0),
            Written("YWFh=", nil, at: 4),
            Written("Y\u{c2}", nil, at: 1),
            Written("{{ \"password\" | base64encode }}", nil, at: 0),
        ]
    )
    func decoding(written: Written) async throws {
        let log = NoticeLog()
        let backend = try load(["SECRET_X": written.text], log: log)
        #expect(try await backend.read(name("X")) == written.value)
        if let position = written.position {
            #expect(log.all == ["secret env SECRET_X: not base64 at position \(position); it is skipped"])
        } else {
            #expect(log.all.isEmpty)
        }
    }

    @Test("bytes that are no text are kept as they are, with a word about the encoding")
    func binary() async throws {
        let log = NoticeLog()
        let backend = try load(["SECRET_X": "/w=="], log: log)
        #expect(try await backend.read(name("X")) == [0xff])
        #expect(log.all.count == 1)
        #expect(log.all.first?.contains("env.encoding: raw") == true)
    }

    @Test("a raw value is passed through")
    func raw() async throws {
        let backend = try load(["SECRET_X": "not base64 !"], options: { $0.encoding = .raw })
        #expect(try await backend.read(name("X")) == Array("not base64 !".utf8))
    }

    @Test("a key is the same in any case of its ASCII letters, and of no others")
    func upperCasing() async throws {
        let backend = try load(["SECRET_myKey": "YQ=="])
        for key in ["MYKEY", "mykey", "MyKeY"] { #expect(try await backend.read(name(key)) == [UInt8(ascii: "a")]) }
        // The Kelvin sign is a K to texts, and the dotless i an I to some languages.
        for key in ["MY\u{212a}EY", "myke\u{131}", "SECRET_MYKEY"] { #expect(try await backend.read(name(key)) == nil) }
    }

    @Test("two variables with one key are refused, with both names")
    func duplicates() throws {
        let error = #expect(throws: EnvironmentRefusal.self) {
            try load(["SECRET_a": "YQ==", "SECRET_A": "YQ==", "SECRET_B": "YQ=="])
        }
        #expect(error?.description == "environment: SECRET_A and SECRET_a are the same key A; remove one of them")
    }

    @Test("names that no secret may have are skipped with a word")
    func badNames() async throws {
        let log = NoticeLog()
        let backend = try load(
            [
                "SECRET_": "YQ==", "SECRET_# comment": "YQ==", "SECRET_9": "YQ==", "SECRET__": "YQ==",
                "SECRET_A-B": "YQ==",
            ],
            log: log
        )
        #expect(try await backend.list(ListQuery(tenant: "", namespace: "", limit: 10)).entries.map(\.key) == ["_"])
        #expect(log.all.count == 4)
        #expect(log.all.allSatisfy { !$0.contains("YQ==") })
    }

    @Test("a key that is kept to some namespaces is there for them only")
    func namespaces() async throws {
        let log = NoticeLog()
        let backend = try load(["SECRET_A": "YQ==", "SECRET_B": "YQ=="], log: log) {
            $0.namespaces = ["a": ["company.team", "company"], "MISSING": ["x"]]
        }
        #expect(try await backend.read(name("A", namespace: "company")) != nil)
        #expect(try await backend.read(name("A", namespace: "company.team")) != nil)
        #expect(try await backend.read(name("A", namespace: "company.team.sub")) == nil)
        #expect(try await backend.read(name("B", namespace: "company.team.sub")) != nil)
        let page = try await backend.list(ListQuery(tenant: "", namespace: "other", limit: 10))
        #expect(page.entries.map(\.key) == ["B"])
        #expect(log.all == ["env.namespaces: there is no secret MISSING"])
    }

    #if MEMORY_PROBE
        @Test("a value lies decoded in memory only while somebody holds it")
        func residue() async throws {
            let masked = (0..<24).map { _ in UInt8.random(in: 0...255) }
            let encoded = Data(masked.map { $0 ^ 0x5a }).base64EncodedString()
            let backend = try load(["SECRET_X": encoded])
            #expect(ArenaProbe.count(masked: masked).fragments == 0)
            do {
                guard let fetched = try await backend.get(name("X"), version: "1") else {
                    Issue.record("the value is gone")
                    return
                }
                #expect(fetched.value.count == 24)
                #expect(ArenaProbe.count(masked: masked).full == 1)
            }
            #expect(ArenaProbe.count(masked: masked).fragments == 0)
        }
    #endif

    @Test("hidden variables are gone from the process and stay readable here")
    func hiding() async {
        await #expect(processExitsWith: .success) {
            unsafe setenv("SECRET_HIDDEN", "cGFzc3dvcmQ=", 1)
            let environment = ProcessEnvironment()
            try EnvironmentBackend.hide(in: environment)
            try #require(unsafe getenv("SECRET_HIDDEN") == nil)
            let backend = try EnvironmentBackend(environment: environment)
            try #require(try await backend.read(name("HIDDEN")) == Array("password".utf8))
            // A reload finds it again.
            let reloaded = try EnvironmentBackend(environment: environment)
            try #require(try await reloaded.read(name("HIDDEN")) == Array("password".utf8))
        }
    }
}
