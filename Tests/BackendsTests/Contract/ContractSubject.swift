import Secrets
import Testing

/// A backend that has to keep the contract.
struct ContractSubject: Sendable {
    let title: String
    let promises: [ContractPromise]
    /// Makes one of a test's own, with what the promises expect in it.
    let open: @Sendable () async throws -> BackendContract

    init(
        _ title: String,
        _ promises: [ContractPromise],
        open: @escaping @Sendable () async throws -> BackendContract
    ) {
        self.title = title
        self.promises = promises
        self.open = open
    }

    var cases: [ContractCase] { promises.map { ContractCase(subject: self, promise: $0) } }
}

/// One promise of one backend.
struct ContractCase: Sendable, CustomTestStringConvertible {
    let subject: ContractSubject
    let promise: ContractPromise

    var testDescription: String { "\(subject.title): \(promise.rawValue)" }

    func check() async throws {
        let contract = try await subject.open()
        try await promise.check(contract)
        await contract.backend.close()
        withExtendedLifetime(contract) {}
    }
}
