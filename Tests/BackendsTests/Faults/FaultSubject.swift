import ManagerFakes
import Secrets
import Testing

/// A backend that asks a fake, in which things go wrong.
struct FaultSubject: Sendable, CustomTestStringConvertible {
    let title: String
    /// Parts of the paths of the requests that a read of KEY consists of.
    let paths: [String]
    /// What its log-ins have in their paths.
    let login: String?
    /// What it meets beside the common faults.
    let faults: [Fault]
    /// Makes a fake of a test's own, with options of ``FakeServer``.
    let open: @Sendable (_ options: [String: String]) throws -> FaultScene

    init(
        _ title: String,
        at paths: [String],
        login: String? = nil,
        _ faults: [Fault],
        open: @escaping @Sendable (_ options: [String: String]) throws -> FaultScene
    ) {
        self.title = title
        self.paths = paths
        self.login = login
        self.faults = faults
        self.open = open
    }

    var testDescription: String { title }

    /// One with KEY in it.
    func filled() async throws -> FaultScene {
        let scene = try open([:])
        try await scene.fill()
        return scene
    }
}

/// A fake that can hold KEY, and backends that ask it.
struct FaultScene {
    let fake: FakeServer
    /// What no error may say.
    let credentials: [String]
    /// A backend with these keys in its section, beside those that it needs.
    let backend: (_ more: String) throws -> any SecretBackend
    /// Gives KEY the value "made up".
    let fill: () async throws -> Void
    /// A backend whose credential may read and not write.
    var reader: (() throws -> any SecretBackend)?
}

/// A fault of one request of one backend.
struct FaultCase: Sendable, CustomTestStringConvertible {
    let subject: FaultSubject
    let path: String
    let fault: Fault

    var testDescription: String { "\(subject.title), \(path): \(fault.testDescription)" }

    static func all(of subjects: [FaultSubject]) -> [FaultCase] {
        subjects.flatMap { subject in
            subject.paths.flatMap { path in
                (Fault.common + subject.faults).map { FaultCase(subject: subject, path: path, fault: $0) }
            }
        }
    }
}
