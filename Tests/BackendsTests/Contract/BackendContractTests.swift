import Testing

/// All but those that share a server, which are in suites of their own.
@Suite("Every backend keeps the contract")
struct BackendContractTests {
    private static let subjects: [ContractSubject] = [
        .azure, .azureReadOnly, .beyondTrust, .centralCredentials, .conjur, .delinea, .doppler, .elasticsearch,
        .environment, .google, .googleEmptyPages, .onePassword, .passwordVault, .sqlite, .sqliteReadOnly, .vault,
        .vaultVersion1,
    ]

    @Test("each of its promises", arguments: subjects.flatMap(\.cases))
    func keeps(_ promised: ContractCase) async throws { try await promised.check() }
}
