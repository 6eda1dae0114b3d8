import ManagerFakes
import Secrets
import Testing

@testable import Backends

extension AWSSuites {
    @Suite("AWS Secrets Manager keeps the contract")
    struct AWSContractTests {
        private let scene: AWSScene
        private let contract: BackendContract

        init() async throws {
            scene = try AWSScene()
            let backend = try scene.backend()
            let known = (name: name("DB_PASSWORD", namespace: "contract.team"), value: Array("correct horse".utf8))
            for key in ["ALPHA", "ALPHABET", "BETA", "caf\u{e9}"] {
                try await backend.write(name(key, namespace: "contract.team"), [1])
            }
            try await backend.write(known.name, known.value)
            try await backend.write(name("DELETED", namespace: "contract.team"), [1])
            _ = try await backend.delete(name("DELETED", namespace: "contract.team"))
            try await backend.write(name("OTHER", namespace: "contract"), [1])
            try await backend.write(name("OTHER", namespace: "contract.team", tenant: "second"), [1])
            contract = Self.contract(backend, known)
        }

        private static func contract(
            _ backend: AWSSecretsBackend,
            _ known: (name: SecretName, value: [UInt8])
        ) -> BackendContract {
            BackendContract(
                backend: backend,
                known: known,
                storesEmpty: false,
                maximumBytes: 64 << 10,
                oddKeys: ["caf\u{e9}", "with space", "A/B=C@D", "a.b:c+d", "\u{6771}\u{4eac}", "-x-abcdef"],
                oddTags: ["application": "payments", "caf\u{e9} x": "", "a/b:c": "@x=y+z"]
            )
        }

        @Test func getGivesTheValue() async throws { try await contract.getGivesTheValue() }
        @Test func getTwiceGivesTheSame() async throws { try await contract.getTwiceGivesTheSame() }
        @Test func missingIsNil() async throws { try await contract.missingIsNil() }
        @Test func namesCompareByteForByte() async throws { try await contract.namesCompareByteForByte() }
        @Test func anUnknownVersionIsNone() async throws { try await contract.anUnknownVersionIsUnsupported() }
        @Test func valuesRoundTrip() async throws { try await contract.valuesRoundTrip() }
        @Test func valuesThatAreTooLargeAreRefused() async throws {
            try await contract.valuesThatAreTooLargeAreRefused()
        }
        @Test func oddNamesRoundTrip() async throws { try await contract.oddNamesRoundTrip() }
        @Test func versionsGrowAndSurviveDeletion() async throws { try await contract.versionsGrowAndSurviveDeletion() }
        @Test func metadataIsListed() async throws { try await contract.metadataIsListed() }

        @Test func listIsInOrderAndPaged() async throws {
            try await contract.listIsInOrderAndPaged(expecting: [
                "ALPHA", "ALPHABET", "BETA", "DB_PASSWORD", "caf\u{e9}",
            ])
        }

        @Test func listFindsPrefixes() async throws {
            try await contract.listFindsPrefixes("ALPHA", expecting: ["ALPHA", "ALPHABET"])
            try await contract.listFindsPrefixes("ALPHABETA", expecting: [])
        }

        @Test("a read-only manager keeps it too, and is sent no write")
        func readOnly() async throws {
            let contract = Self.contract(try scene.backend(options: { $0.isReadOnly = true }), contract.known)
            try scene.fake.clearRequests()
            try await contract.getGivesTheValue()
            try await contract.missingIsNil()
            try await contract.writesAreRefusedWhereTheyAreNotOffered()
            #expect(Set(try scene.operations()) == ["ListSecrets", "GetSecretValue"])
        }

        @Test("who has the documented permissions needs no others")
        func restricted() async throws {
            let contract = Self.contract(try scene.backend(user: "restricted-"), contract.known)
            try await contract.getGivesTheValue()
            try await contract.versionsGrowAndSurviveDeletion()
            try await contract.metadataIsListed()
        }
    }
}
