import Foundation
import Secrets
import Testing

@testable import Backends

@Suite("Managers that tell their namespaces")
struct NamespaceListingTests {
    /// In ascending order.
    private static let places = [
        NamespaceName(tenant: "main", namespace: ""), NamespaceName(tenant: "main", namespace: "company"),
        NamespaceName(tenant: "main", namespace: "company.team.deep"),
        NamespaceName(tenant: "main", namespace: "other"),
        NamespaceName(tenant: "second", namespace: "company"),
    ]

    private func expectNamespaces(_ backend: any SecretBackend) async throws {
        #expect(backend.capabilities.contains(.namespaces))
        for place in Self.places {
            for key in ["A", "B"] { try await backend.write(SecretName(place, key), [1]) }
        }
        let gone = NamespaceName(tenant: "main", namespace: "gone")
        try await backend.write(SecretName(gone, "A"), [1])
        _ = try await backend.delete(SecretName(gone, "A"))

        for limit in [1, 2, 100] {
            var found: [NamespaceName] = []
            while true {
                let page = try await backend.namespaces(NamespaceQuery(after: found.last, limit: limit))
                #expect(page.namespaces.count <= limit)
                found += page.namespaces
                guard page.hasMore else { break }
            }
            // One that holds nothing any more may be told, too.
            #expect(found.filter { $0 != gone } == Self.places)
        }
        let second = try await backend.namespaces(NamespaceQuery(tenant: "second", limit: 10))
        #expect(second.namespaces == [NamespaceName(tenant: "second", namespace: "company")])
        #expect(!second.hasMore)
        #expect(try await backend.namespaces(NamespaceQuery(tenant: "third", limit: 10)).namespaces.isEmpty)
        await backend.close()
    }

    @Test("the store") func sqlite() async throws {
        let directory = try TemporaryDirectory()
        try await expectNamespaces(store(directory.file("store.db")))
    }

    @Test("Vault") func vault() async throws {
        let scene = try VaultScene()
        try await expectNamespaces(scene.backend())
    }

    @Test("Vault does not take a folder for a namespace whose name it cannot have")
    func foreignFolders() async throws {
        let scene = try VaultScene()
        try scene.put("main/with.dot/KEY", ["value": "x"])
        try scene.put("main/fine/KEY", ["value": "x"])
        let backend = try scene.backend()
        let page = try await backend.namespaces(NamespaceQuery(limit: 10))
        #expect(page.namespaces == [NamespaceName(tenant: "main", namespace: "fine")])
    }

    @Test("a store that is opened to be read makes nothing, and for a rehearsal is empty where it is not there")
    func purposes() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("folder/store.db")
        let reading = try store(path, options: { $0.purpose = .reading })
        await #expect(throws: BackendError.self) { try await reading.connect() }
        let rehearsing = try store(path, options: { $0.purpose = .rehearsing })
        try await rehearsing.connect()
        #expect(rehearsing.capabilities.contains(.write), "it says what it could")
        #expect(try await rehearsing.list(ListQuery(tenant: "main", namespace: "", limit: 1)).entries.isEmpty)
        #expect(try await rehearsing.namespaces(NamespaceQuery(limit: 1)).namespaces.isEmpty)
        #expect(try await rehearsing.read(name("A")) == nil)
        await #expect(throws: BackendError.readOnly) { try await rehearsing.write(name("A"), [1]) }
        await rehearsing.close()
        await reading.close()
        #expect(!FileManager.default.fileExists(atPath: directory.file("folder")))
    }
}

extension SecretName {
    fileprivate init(_ place: NamespaceName, _ key: String) {
        self.init(tenant: place.tenant, namespace: place.namespace, key: key)
    }
}
