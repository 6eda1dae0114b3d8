import Foundation
import ManagerFakes
import Testing

/// `tacit migrate` while it waits for its target with values in its hands, and in the moment in which it ends.
@Suite("Memory search, migrating", .serialized)
struct MigrationMemoryTests {
    private let workspace: Workspace
    private let fake: FakeServer
    private let canaries = Canary.many(20, "carried")

    init() throws {
        workspace = try Workspace()
        fake = try FakeServer(.vault)
        let lines = canaries.enumerated().map { number, canary in
            "SECRET_KEY_\(number)=\(Data(canary.bytes).base64EncodedString())\n"
        }
        try workspace.write("secrets.env", lines.joined())
        try workspace.write("from.yaml", "kestra: {secret: {type: env, env: {files: [secrets.env]}}}\n")
        try workspace.write("to.yaml", "kestra: {secret: \(fake.secret())}\n")
    }

    /// Starts a migration that one secret's write holds up, and waits until the others have gone by.
    private func start(_ program: String, _ wrapper: [String] = []) throws -> Process {
        try fake.fault("hang", times: 0, path: "/data/main/company/KEY_7")
        let process = Process()
        let words =
            wrapper + [
                program, "migrate", "--from", "from.yaml", "--to", "to.yaml", "--tenant", "main", "-n", "company",
            ]
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", "cd \"$0\"; exec \"$@\" 2>log >output", workspace.folder] + words
        process.environment = ["PATH": "/usr/bin:/bin"]
        try process.run()
        let end = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < end, process.isRunning {
            let journal = (try? String(contentsOfFile: workspace.path("tacit-migrate.journal"), encoding: .utf8)) ?? ""
            if journal.split(separator: "\n").count(where: { $0.hasPrefix("finished") }) == canaries.count - 1 {
                return process
            }
            usleep(20_000)
        }
        let log = (try? String(contentsOfFile: workspace.path("log"), encoding: .utf8)) ?? ""
        throw Programs.Failure("the migration did not get there: \(log)")
    }

    @Test("values lie in secret memory only, and in no file", arguments: Programs.agents)
    func meanwhile(program: String) throws {
        let process = try start(program)
        defer {
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
        let needles = Needles(canaries)
        let found = try Findings.process(process.processIdentifier, needles)
        #expect(found.unreadable.allSatisfy { $0.contains("secretmem") }, "\(found.unreadable)")
        #expect(found.searchedBytes > 1 << 20)
        #expect(found.isEmpty, "\(found)")
        let files = ["tacit-migrate.journal", "log", "output"].map(workspace.path)
        let written = try Findings.files(files, needles)
        #expect(written.searchedBytes > 1000)
        #expect(written.isEmpty, "\(written)")
    }

    @Test(
        "the same search finds them where there is no secret memory, and nothing at the end",
        arguments: Programs.agents
    )
    func atTheEnd(program: String) throws {
        let process = try start(program, [Programs.searcher, "without-secret-memory"])
        let needles = Needles(canaries)
        let held = try Findings.process(process.processIdentifier, needles)
        #expect(held.full > 0)
        let left = try Findings.exit(of: process.processIdentifier, after: [SIGTERM], needles)
        #expect(left.searchedBytes > 1 << 20)
        #expect(left.isEmpty, "\(left)")
        process.waitUntilExit()
        #expect(process.terminationStatus == 143)
    }
}
