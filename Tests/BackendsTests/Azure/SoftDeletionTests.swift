import Secrets
import Synchronization
import Testing

@testable import Backends

/// What a vault says, in order; the last is said again and again.
private final class Script: Sendable {
    private let replies: Mutex<[ScriptedVault.Reply]>

    init(_ replies: [ScriptedVault.Reply]) { self.replies = Mutex(replies) }

    func next() -> ScriptedVault.Reply { replies.withLock { $0.count > 1 ? $0.removeFirst() : $0[0] } }
}

@Suite("Writing over what was deleted")
struct SoftDeletionTests {
    private let secret = name("DB_PASSWORD")
    private static let deleted = ScriptedVault.Reply.json(
        409,
        ScriptedVault.error("Conflict", "ObjectIsDeletedButRecoverable")
    )
    private static let deleting = ScriptedVault.Reply.json(409, ScriptedVault.error("Conflict", "ObjectIsBeingDeleted"))
    private static let recovering = ScriptedVault.Reply.json(
        409,
        ScriptedVault.error("Conflict", "ObjectIsBeingRecovered")
    )
    private static let forbidden = ScriptedVault.Reply.json(403, ScriptedVault.error("Forbidden", "ForbiddenByRbac"))

    private func bundle() throws -> ScriptedVault.Reply {
        let own = try ScriptedVault.own(secret)
        return .json(ScriptedVault.bundle(own.name, value: "made up", tags: own.tags))
    }

    private func vault(
        put: [ScriptedVault.Reply] = [],
        recover: [ScriptedVault.Reply] = [],
        get: [ScriptedVault.Reply] = [],
        delete: [ScriptedVault.Reply] = []
    ) throws -> ScriptedVault {
        let scripts = try [("PUT", put), ("POST", recover), ("GET", get), ("DELETE", delete)].map { method, replies in
            (method, Script(replies.isEmpty ? [try bundle()] : replies))
        }
        return try ScriptedVault { request in
            scripts.first { $0.0 == request.method }?.1.next() ?? .json(405, "{}")
        }
    }

    private func steps(_ vault: ScriptedVault) -> [String] { vault.asked.dropFirst().map(\.method) }

    private func write(_ vault: ScriptedVault) async -> BackendError? {
        do throws(BackendError) {
            let version = try await vault.backend.write(secret, Array("new".utf8))
            #expect(version == "4387e9f3d6e14c459867679a90fd0f79")
            return nil
        } catch {
            return error
        }
    }

    @Test("the deleted secret is recovered, waited for, and then written over")
    func recovered() async throws {
        let vault = try vault(
            put: [Self.deleted, try bundle()],
            get: [ScriptedVault.missing, ScriptedVault.missing, try bundle()]
        )
        #expect(await write(vault) == nil)
        #expect(steps(vault) == ["PUT", "POST", "GET", "GET", "GET", "PUT"])
        #expect(vault.time.slept == .seconds(4))
        let recovery = try #require(vault.asked.first { $0.method == "POST" })
        #expect(recovery.path.hasPrefix("/deletedsecrets/kestra-") && recovery.path.contains("/recover?"))
        #expect(recovery.headers["content-length"] == "0" && recovery.body == "")
        await vault.backend.close()
    }

    @Test("a deletion or recovery that goes on is waited for")
    func transition() async throws {
        let vault = try vault(put: [Self.deleting, Self.recovering, Self.recovering, try bundle()])
        #expect(await write(vault) == nil)
        #expect(steps(vault) == ["PUT", "PUT", "PUT", "PUT"])
        #expect(vault.time.slept == .seconds(6))
        await vault.backend.close()
    }

    @Test("waiting has an end")
    func patience() async throws {
        for vault in [try vault(put: [Self.recovering]), try vault(put: [Self.deleted], get: [ScriptedVault.missing])] {
            let error = await write(vault)
            #expect(error != nil)
            #expect(vault.time.slept >= .seconds(60) && vault.time.slept <= .seconds(62))
            await vault.backend.close()
        }
    }

    @Test("recovering needs a permission of its own, and the refusal names it")
    func permission() async throws {
        let vault = try vault(put: [Self.deleted], recover: [Self.forbidden])
        guard case .forbidden(let detail) = await write(vault) else {
            Issue.record("it was not forbidden")
            return
        }
        #expect(detail.contains("Recover"))
        await vault.backend.close()
    }

    @Test("somebody who is faster does not matter")
    func races() async throws {
        let lost = try vault(put: [Self.deleted, try bundle()], recover: [ScriptedVault.missing])
        #expect(await write(lost) == nil)
        #expect(steps(lost) == ["PUT", "POST", "PUT"])
        let busy = try vault(put: [Self.deleted, try bundle()], recover: [Self.recovering])
        #expect(await write(busy) == nil)
        #expect(busy.time.slept == .seconds(2))
        for vault in [lost, busy] { await vault.backend.close() }
    }

    @Test("two writers at the same time: one more try, and then a conflict")
    func conflicts() async throws {
        let conflict = ScriptedVault.Reply.json(409, ScriptedVault.error("Conflict"))
        let once = try vault(put: [conflict, try bundle()])
        #expect(await write(once) == nil)
        let always = try vault(put: [conflict])
        #expect(await write(always) == .conflict)
        #expect(steps(always) == ["PUT", "PUT"])
        for vault in [once, always] { await vault.backend.close() }
    }

    @Test("deleting twice is deleting once")
    func deletion() async throws {
        let replies: [(ScriptedVault.Reply, Bool)] = [
            (try bundle(), true), (ScriptedVault.missing, false), (Self.deleting, false), (Self.deleted, false),
        ]
        for (reply, expected) in replies {
            let vault = try vault(delete: [reply])
            #expect(try await vault.backend.delete(secret) == expected)
            #expect(steps(vault) == ["DELETE"])
            await vault.backend.close()
        }
        let recovering = try vault(delete: [Self.recovering, try bundle()])
        #expect(try await recovering.backend.delete(secret))
        #expect(steps(recovering) == ["DELETE", "DELETE"])
        await recovering.backend.close()
    }

    @Test("what may not be written is refused before anything is sent")
    func before() async throws {
        let vault = try vault()
        let large = [UInt8](repeating: UInt8(ascii: "x"), count: 25_601)
        await #expect(throws: BackendError.tooLarge(limit: 25_600)) { try await vault.backend.write(secret, large) }
        let bytes = [UInt8](repeating: 0xff, count: 19_201)
        await #expect(throws: BackendError.tooLarge(limit: 19_200)) { try await vault.backend.write(secret, bytes) }
        await #expect(throws: BackendError.self) { try await vault.backend.write(name("A\u{0}B"), [1]) }
        #expect(vault.endpoint.requests.isEmpty)
    }

    @Test("an answer to a write that does not name the version is not taken for success")
    func answers() async throws {
        let own = try ScriptedVault.own(secret)
        for body in ["{}", "", ScriptedVault.bundle("other", value: "v"), ScriptedVault.bundle(own.name)] {
            let vault = try vault(put: [.json(body)])
            guard case .malformed = await write(vault) else {
                Issue.record("\(body) was taken for success")
                continue
            }
            await vault.backend.close()
        }
    }
}
