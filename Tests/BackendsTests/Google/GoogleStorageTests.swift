import ManagerFakes
import SecretMemory
import Secrets
import Testing

@testable import Backends

@Suite("Secrets in Google Secret Manager")
struct GoogleStorageTests {
    private let scene: GoogleScene

    init() throws { scene = try GoogleScene() }

    @Test("what is written stands as the page of this manager says")
    func written() async throws {
        let backend = try scene.backend("tags: {application: kestra-production}")
        let value = try SecretBytes(copying: [0, 0xff].span)
        let write = SecretWrite(name: name("NEW.KEY"), description: "why \"it\" is there", tags: ["team": "a"])
        _ = try await backend.put(write, value: value)
        let stored = try scene.stored("kestra_tmain_ncompany_dteam_nNEW_dKEY")
        #expect(stored["labels"] as? [String: String] == ["application": "kestra-production", "team": "a"])
        #expect(
            stored["annotations"] as? [String: String] == [
                "kestra-tenant": "main", "kestra-namespace": "company.team", "kestra-key": "NEW.KEY",
                "kestra-prefix": "kestra", "kestra-description": "why \"it\" is there",
            ]
        )
        #expect(stored["base64"] as? String == "AP8=")
        #expect(
            backend.place(of: name("NEW.KEY")) == "projects/acme-prod/secrets/kestra_tmain_ncompany_dteam_nNEW_dKEY"
        )
    }

    @Test("regional secrets are a world of their own")
    func regional() async throws {
        let usual = try scene.backend()
        try await usual.write(name("DB_PASSWORD"), Array("correct horse".utf8))
        let backend = try scene.backend("location: europe-west1")
        #expect(try await backend.read(name("DB_PASSWORD")) == nil)
        try await backend.write(name("DB_PASSWORD"), Array("there".utf8))
        #expect(try await backend.read(name("DB_PASSWORD")) == Array("there".utf8))
        #expect(try await usual.read(name("DB_PASSWORD")) == Array("correct horse".utf8))
    }

    @Test("older versions are read by their number, and only while they are enabled")
    func versions() async throws {
        let backend = try scene.backend("superseded-versions: disable")
        for text in ["1", "2", "3"] { try await backend.write(name("ROTATED"), Array(text.utf8)) }
        let identifier = "kestra_tmain_ncompany_dteam_nROTATED"
        #expect(try await backend.read(name("ROTATED")) == Array("3".utf8))
        for version in ["1", "2"] {
            guard
                case .unsupported(let detail) = await backendError({ () throws(BackendError) in
                    try await backend.get(name("ROTATED"), version: version) != nil
                })
            else {
                Issue.record("version \(version) was delivered")
                return
            }
            #expect(detail.contains("disabled or destroyed"))
        }
        try scene.fake.command("state", ["id": identifier, "state": "ENABLED", "version": "1"])
        guard let first = try await backend.get(name("ROTATED"), version: "1") else {
            Issue.record("it is gone")
            return
        }
        #expect(first.version == "1" && first.value.bytes[0] == UInt8(ascii: "1"))
    }

    @Test("many who write one secret at once all write, and lose nothing")
    func concurrentWrites() async throws {
        let backend = try scene.backend("tags: {application: kestra-production}")
        let versions = await withTaskGroup(of: String?.self) { group in
            for number in 0..<6 {
                group.addTask { try? await backend.write(name("SHARED"), Array("\(number)".utf8)) }
            }
            return await group.reduce(into: [String?]()) { $0.append($1) }
        }
        #expect(Set(versions.compactMap { $0 }).count == 6)
        let stored = try scene.stored("kestra_tmain_ncompany_dteam_nSHARED")
        #expect(stored["versions"] as? Int == 6)
        #expect(stored["labels"] as? [String: String] == ["application": "kestra-production"])
    }
}
