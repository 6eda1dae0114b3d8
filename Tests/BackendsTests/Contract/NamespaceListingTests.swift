import Foundation
import ManagerFakes
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

    private func expectNamespaces(
        _ backend: any SecretBackend,
        _ places: [NamespaceName] = places
    ) async throws {
        #expect(backend.capabilities.contains(.namespaces))
        for place in places {
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
            #expect(found.filter { $0 != gone } == places)
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

    @Test("a database", arguments: JDBCKind.allCases) func jdbc(kind: JDBCKind) async throws {
        let scene = try JDBCScene(kind)
        try await expectNamespaces(scene.backend())
        withExtendedLifetime(scene) {}
    }

    @Test("Elasticsearch") func elasticsearch() async throws {
        let scene = try ElasticsearchScene()
        try scene.fake.command("refresh-interval", ["seconds": 0])
        try await expectNamespaces(scene.backend())
    }

    @Test("Delinea") func delinea() async throws {
        let scene = try DelineaScene()
        try await expectNamespaces(scene.backend())
        #expect(try !scene.backend("layout: flat").capabilities.contains(.namespaces))
    }

    @Test("BeyondTrust") func beyondTrust() async throws {
        let scene = try BeyondTrustScene()
        try await expectNamespaces(scene.backend())
        #expect(try !scene.backend("layout: flat").capabilities.contains(.namespaces))
    }

    @Test("Privileged Access Manager, in one safe and in one of each tenant") func passwordVault() async throws {
        let scene = try CyberArkScene(.cyberark)
        try await expectNamespaces(scene.backend())
        #expect(try !scene.backend("layout: flat").capabilities.contains(.namespaces))
    }

    @Test("Conjur") func conjur() async throws {
        let scene = try CyberArkScene(.conjur)
        // A part of a variable's path cannot be empty.
        try await expectNamespaces(scene.backend(), Self.places.filter { !$0.namespace.isEmpty })
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
}

extension SecretName {
    fileprivate init(_ place: NamespaceName, _ key: String) {
        self.init(tenant: place.tenant, namespace: place.namespace, key: key)
    }
}
