import Backends
import Configuration
import Secrets
import Testing

@Suite("The environment keeps the contract")
struct EnvironmentContractTests {
    private let contract: BackendContract

    init() throws {
        let environment: FixedEnvironment = [
            "SECRET_DB_PASSWORD": "Y29ycmVjdCBob3JzZQ==", "SECRET_ALPHA": "", "SECRET_alphabet": "YQ==",
            "SECRET_BETA": "YQ", "OTHER": "YQ==", "secret_lower": "YQ==",
        ]
        contract = BackendContract(
            backend: try EnvironmentBackend(environment: environment),
            known: (name: name("DB_PASSWORD"), value: Array("correct horse".utf8)),
            foldsCase: true,
            ignoresNamespaces: true
        )
    }

    @Test func getGivesTheValue() async throws { try await contract.getGivesTheValue() }
    @Test func getTwiceGivesTheSame() async throws { try await contract.getTwiceGivesTheSame() }
    @Test func missingIsNil() async throws { try await contract.missingIsNil() }
    @Test func namesCompareByteForByte() async throws { try await contract.namesCompareByteForByte() }
    @Test func anUnknownVersionIsUnsupported() async throws { try await contract.anUnknownVersionIsUnsupported() }

    @Test func writesAreRefusedWhereTheyAreNotOffered() async throws {
        try await contract.writesAreRefusedWhereTheyAreNotOffered()
    }

    @Test func listIsInOrderAndPaged() async throws {
        try await contract.listIsInOrderAndPaged(expecting: ["ALPHA", "ALPHABET", "BETA", "DB_PASSWORD"])
    }

    @Test func listFindsPrefixes() async throws {
        try await contract.listFindsPrefixes("ALPHA", expecting: ["ALPHA", "ALPHABET"])
        try await contract.listFindsPrefixes("alphab", expecting: ["ALPHABET"])
        try await contract.listFindsPrefixes("Z", expecting: [])
    }
}
