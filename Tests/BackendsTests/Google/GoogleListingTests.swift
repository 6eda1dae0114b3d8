import Foundation
import ManagerFakes
import SecretMemory
import Secrets
import Testing

@testable import Backends

@Suite("Listing Google Secret Manager")
struct GoogleListingTests {
    private let script: GoogleScript
    private let list = "/secrets?pageSize=250"

    init() throws {
        script = try GoogleScript()
        try script.grantTokens()
    }

    private func query(after: String = "", limit: Int = 100, prefix: String = "") -> ListQuery {
        ListQuery(tenant: "main", namespace: "company.team", prefix: prefix, after: after, limit: limit)
    }

    private func secret(_ identifier: String, labels: String = "{}", description: String? = nil) -> String {
        let text = description.map { #","kestra-description":"\#($0)""# } ?? ""
        return #"""
            {"name":"projects/4242/secrets/\#(identifier)","replication":{"automatic":{}},
             "createTime":"2026-11-21T09:30:15.123456Z","labels":\#(labels),
             "annotations":{"kestra-key":"x"\#(text)},"etag":"\"161f2a\""}
            """#
    }

    private func own(_ key: String) -> String { "kestra_tmain_ncompany_dteam_n\(key)" }

    private func page(_ secrets: [String], next: String? = nil) -> String {
        let token = next.map { #","nextPageToken":"\#($0)""# } ?? ""
        return #"{"secrets":[\#(secrets.joined(separator: ","))]\#(token),"totalSize":0}"#
    }

    private func filter(_ path: String) -> String? {
        URLComponents(string: path)?.queryItems?.first { $0.name == "filter" }?.value
    }

    @Test("what comes in any order, on any pages and with strangers among it, is listed in order")
    func order() async throws {
        defer { script.stop() }
        let backend = try script.backend()
        let strangers = [
            "kestra_tmain_ncompany_dteam_dchild_nX", "kestra_tother_ncompany_dteam_nX", "kestra_ncompany_dteam_nX",
            "my_kestra_tmain_ncompany_dteam_nX", "KESTRA_TMAIN_NCOMPANY_DTEAM_NX", "kestra_tmain_ncompany_dteam_nX_",
        ]
        try script.answer("pageToken=c", page([secret(own("Z"))]))
        try script.answer("pageToken=b%2F%2B", page([], next: "c"))
        try script.answer(
            list,
            page(
                strangers.map { secret($0) } + [secret(own("b")), secret(own("A"), description: "first")],
                next: "b/+"
            )
        )
        let found = try await backend.list(query())
        #expect(found.entries.map(\.key) == ["A", "Z", "b"] && !found.hasMore)
        #expect(found.entries.map(\.description) == ["first", nil, nil])
        #expect(found.entries.allSatisfy { $0.namespace == "company.team" })
        let paths = try script.paths()
        #expect(paths.count == 3)
        #expect(filter(String(paths[0].dropFirst(4))) == "name:kestra_tmain_ncompany_dteam_n")
    }

    @Test("two spellings of one character are two keys, and two namespaces")
    func spellings() async throws {
        defer { script.stop() }
        let backend = try script.backend()
        let both = [own("caf_xc3_xa9"), own("cafe_xcc_x81")]
        try script.answer(list, page(both.map { secret($0) }))
        let listed = try await backend.list(query())
        #expect(listed.entries.map { Array($0.key.utf8) } == ["cafe\u{301}", "caf\u{e9}"].map { Array($0.utf8) })
        try script.answer(list, page([]), times: 2)
        for namespace in ["caf\u{e9}", "cafe\u{301}"] {
            _ = try await backend.list(ListQuery(tenant: "main", namespace: namespace, after: "a", limit: 9))
        }
        #expect(try script.paths().count == 3)
    }

    @Test("the pages of one listing come out of one reading, and a new listing is read anew")
    func pages() async throws {
        defer { script.stop() }
        let backend = try script.backend()
        try script.answer(list, page(["c", "a", "b"].map { secret(own($0)) }))
        let first = try await backend.list(query(limit: 2))
        #expect(first.entries.map(\.key) == ["a", "b"] && first.hasMore)
        let second = try await backend.list(query(after: "b", limit: 2))
        #expect(second.entries.map(\.key) == ["c"] && !second.hasMore)
        #expect(try script.paths().count == 1)
        try script.answer(list, page([secret(own("d"))]))
        let third = try await backend.list(query(limit: 2))
        #expect(third.entries.map(\.key) == ["d"])
        try script.answer(list, page([secret(own("e_dtail"))]))
        let fourth = try await backend.list(query(after: "d", limit: 2, prefix: "e."))
        #expect(fourth.entries.map(\.key) == ["e.tail"])
        let last = try #require(try script.paths().last)
        #expect(filter(String(last.dropFirst(4)))?.hasSuffix("_ne_d") == true)
    }

    @Test("a list that never ends, or goes round in circles, is no list")
    func endless() async throws {
        defer { script.stop() }
        let backend = try script.backend()
        try script.answer(list, page([], next: "same"), times: 0)
        guard case .malformed = await backendError({ () throws(BackendError) in try await backend.list(query()) })
        else {
            Issue.record("it is something else")
            return
        }
        #expect(try script.paths().count == 2)
    }

    @Test("who may not list is told the permission")
    func forbidden() async throws {
        defer { script.stop() }
        try script.refuse(list, 403, "PERMISSION_DENIED")
        let backend = try script.backend()
        guard
            case .forbidden(let detail) = await backendError({ () throws(BackendError) in
                try await backend.list(query())
            })
        else {
            Issue.record("it is something else")
            return
        }
        #expect(detail.contains("secretmanager.secrets.list"))
    }

    // MARK: Labels

    private let filtered = ["filter-on-tags: {tags: {application: kestra-production, team: a}}"]

    @Test("only what carries all the labels is seen, and the service's own filter is not relied on")
    func labels() async throws {
        defer { script.stop() }
        let backend = try script.backend(filtered, readOnly: true)
        let good = #"{"application":"kestra-production","team":"a","more":"x"}"#
        let bad = [#"{"application":"kestra-production"}"#, #"{"application":"kestra-production","team":"A"}"#, "{}"]
        let secrets = [secret(own("GOOD"), labels: good)] + bad.enumerated().map { secret(own("BAD\($0)"), labels: $1) }
        try script.answer(list, page(secrets), times: 0)
        try script.answer(":access", GoogleScript.value([1]), times: 0)

        let listed = try await backend.list(query())
        #expect(listed.entries.map(\.key) == ["GOOD"])
        #expect(listed.entries.first?.tags == ["application": "kestra-production", "team": "a", "more": "x"])
        for (key, isSeen) in [("GOOD", true), ("BAD0", false), ("BAD1", false), ("BAD2", false), ("ABSENT", false)] {
            let name = SecretName(tenant: "main", namespace: "company.team", key: key)
            let found = try await backend.get(name, version: nil) != nil
            #expect(found == isSeen)
        }
        // One for the listing, one for the index, one for the value.
        let paths = try script.paths()
        #expect(paths.count == 3 && paths.filter { $0.contains(":access") }.count == 1)
        let both = #"labels.application="kestra-production" AND labels.team="a""#
        #expect(filter(String(paths[1].dropFirst(4))) == both)
        #expect(filter(String(paths[0].dropFirst(4))) == "\(both) AND name:kestra_tmain_ncompany_dteam_n")
        await backend.close()
    }

    @Test("a filter that may not be looked at stops the agent instead of being passed over")
    func labelsForbidden() async throws {
        defer { script.stop() }
        let backend = try script.backend(filtered, readOnly: true)
        try script.refuse("/secrets?", 403, "PERMISSION_DENIED", times: 0)
        try script.answer(":access", GoogleScript.value([1]), times: 0)
        for call in 0..<2 {
            let error = await backendError { () throws(BackendError) in
                if call == 0 {
                    try await backend.connect()
                } else {
                    _ = try await backend.get(GoogleScript.name, version: nil)
                }
            }
            guard case .denied(let detail) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(detail.contains("roles/secretmanager.viewer"))
        }
        #expect(try script.paths().allSatisfy { !$0.contains(":access") })
    }

    @Test("a filter counts in read-only mode only, and check says so")
    func labelsWithWriting() async throws {
        defer { script.stop() }
        let backend = try script.backend(filtered)
        try script.answer(":access", GoogleScript.value([1]))
        let found = try await backend.get(GoogleScript.name, version: nil) != nil
        #expect(found)
        #expect(try script.paths().count == 1)
    }

    @Test("secrets that somebody made by hand are listed beside the others, where that is switched on")
    func flatNames() async throws {
        defer { script.stop() }
        let backend = try script.backend(["flat-names: true"], readOnly: true)
        let identifiers = [own("B"), "kestra_B", "kestra_A", "kestra_tother_nx_nY", "other", "kestra_my_new_name"]
        try script.answer(list, page(identifiers.map { secret($0) }))
        #expect(try await backend.list(query()).entries.map(\.key) == ["A", "B", "my_new_name"])
        #expect(filter(String(try script.paths()[0].dropFirst(4))) == nil)
    }
}
