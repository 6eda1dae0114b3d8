import Foundation
import ManagerFakes
import Testing

@Suite("tacit migrate") struct MigrateTests {
    private let scene: MigrationScene

    init() throws { scene = try MigrationScene() }

    private static let three = [
        "FIRST": MigrationScene.value(1), "SECOND": MigrationScene.value(2), "THIRD": MigrationScene.value(3),
    ]

    private func plan(_ outcome: Outcome) throws -> [String: Int] {
        try #require(try outcome.object()["plan"] as? [String: Int], "\(outcome.errors)")
    }

    // MARK: What is copied

    @Test("copies from the environment to a store, from there to another, and from there to Vault")
    func alongThree() throws {
        let vault = try VaultTarget()
        try scene.configure("one", MigrationScene.sqlite("one.db"))
        try scene.configure("two", MigrationScene.sqlite("two.db"))
        try scene.configure("vault", vault.secret)
        try scene.seed("one", Self.three)
        let second = try scene.migrate("one", "two", "--json")
        #expect(second.status == 0, "\(second.errors)")
        #expect((try second.object()["result"] as? [String: Any])?["copied"] as? Int == 3)
        let third = try scene.migrate("two", "vault")
        #expect(third.status == 0, "\(third.errors)")
        #expect(third.text.contains("copied and verified     3"))
        for (key, value) in Self.three { #expect(try vault.value(key) == value, "\(key)") }
        #expect(try scene.filesWithNeedle() == [])
        #expect(!scene.exists("tacit-migrate.journal"))
    }

    @Test(
        "carries description and tags from the store of a running agent, and says beforehand where they would be lost"
    )
    func metadata() throws {
        let agent = try RunningAgent()
        let input = Data(MigrationScene.value(1).utf8)
        let put = try agent.run(
            "operator",
            "put",
            "KEY",
            "-n",
            "company.team",
            "--description",
            "of the team",
            "--tag",
            "owner=billing",
            input: input
        )
        #expect(put.status == 0, "\(put.errors)")
        let vault = try VaultTarget()
        try scene.configure("from", MigrationScene.sqlite(agent.workspace.path("secrets.db")))
        try scene.configure("to", vault.secret)
        let outcome = try scene.migrate("from", "to")
        #expect(outcome.status == 0, "\(outcome.errors)")
        let stored = try vault.fake.command("stored", ["path": "main/company/team/KEY"])
        #expect(stored["custom_metadata"] as? [String: String] == ["description": "of the team", "owner": "billing"])

        try vault.fake.command("mount", ["path": "old", "version": 1])
        try scene.configure("old", vault.fake.secret(keys: ["root-engine: old", "engine-version: 1"]))
        let losing = try scene.migrate("from", "old")
        #expect(losing.status == 1)
        #expect(losing.text.contains("its description and its tags"))
        #expect(losing.errors.contains("nothing was written"))
        let bare = try scene.migrate("from", "old", "--values-only")
        #expect(bare.status == 0, "\(bare.errors)")
        #expect(bare.text.contains("copied and verified     1"))
        #expect(try agent.stop().status == 0)
    }

    @Test("copies every scope of the source to the scope of the target that a name belongs to")
    func scopes() throws {
        func scoped(_ name: String) -> String {
            "tacit: {scopes: [{tenant: main, namespace: company.payments, secret: "
                + MigrationScene.sqlite("\(name)-payments.db") + "}]}\n"
        }
        try scene.configure("from", MigrationScene.sqlite("from.db"), scopes: scoped("from"))
        try scene.configure("to", MigrationScene.sqlite("to.db"), scopes: scoped("to"))
        try scene.seed("from", ["TEAM": MigrationScene.value(1)])
        try scene.seed("from", ["CARD": MigrationScene.value(2)], namespace: "company.payments.cards")
        let outcome = try scene.migrate("from", "to", "--json")
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(try plan(outcome)["new"] == 2)
        // A configuration that knows the one file only sees what belongs there.
        try scene.configure("payments", MigrationScene.sqlite("to-payments.db"))
        try scene.configure("nowhere", MigrationScene.sqlite("nowhere.db"))
        let there = try scene.migrate("payments", "nowhere", "--dry-run", "--json")
        #expect(try plan(there)["secrets"] == 1)
    }

    @Test("copies only the namespaces that are named")
    func selection() throws {
        try scene.configure("from", MigrationScene.sqlite("from.db"))
        try scene.configure("to", MigrationScene.sqlite("to.db"))
        for namespace in ["company", "company.team", "company.team.deep", "other"] {
            try scene.seed("from", ["KEY": MigrationScene.value(1)], namespace: namespace)
        }
        for (names, count) in [
            ([], 4), (["company.team"], 1), (["company.team", "other"], 2), (["company.**"], 3), (["company.*"], 1),
        ] {
            let arguments = names.flatMap { ["-n", $0] }
            let outcome = try Invocation(
                ["migrate", "--from", "from.yaml", "--to", "to.yaml", "--dry-run", "--json"] + arguments,
                environment: ["STORE_SECRET": RunningAgent.storeSecret],
                folder: scene.workspace.folder.path
            ).finish()
            #expect(try plan(outcome)["secrets"] == count, "\(names)")
        }
        let stranger = try scene.migrate("from", "to", "--dry-run", "--json", "--tenant", "stranger")
        #expect(try plan(stranger)["secrets"] == 0)
    }

    // MARK: What the target has already

    @Test("writes nothing where the target has other content, and does what it is told then")
    func conflicts() throws {
        let vault = try VaultTarget()
        try scene.configure("from", MigrationScene.sqlite("from.db"))
        try scene.configure("to", vault.secret)
        try scene.seed("from", Self.three)
        try vault.fake.command("put", ["path": "main/company/team/SECOND", "data": ["value": "somebody else's"]])
        try vault.fake.command("put", ["path": "main/company/team/THIRD", "data": ["value": MigrationScene.value(3)]])
        let refused = try scene.migrate("from", "to")
        #expect(refused.status == 1)
        #expect(refused.text.contains("main company.team SECOND  another value"))
        #expect(refused.errors.contains("--overwrite"))
        #expect(try vault.writes() == 0)
        #expect(!scene.exists("tacit-migrate.journal"))

        let skipped = try scene.migrate("from", "to", "--skip-existing")
        #expect(skipped.status == 0, "\(skipped.errors)")
        #expect(try vault.value("FIRST") == MigrationScene.value(1))
        #expect(try vault.value("SECOND") == "somebody else's")

        let replaced = try scene.migrate("from", "to", "--overwrite", "--json")
        #expect(replaced.status == 0)
        #expect((try replaced.object()["result"] as? [String: Any])?["copied"] as? Int == 1)
        #expect(try vault.value("SECOND") == MigrationScene.value(2))
        #expect(!replaced.text.contains(MigrationScene.needle))
    }

    @Test("a rehearsal writes nothing: no file, no journal, no request that changes something")
    func rehearsal() throws {
        let vault = try VaultTarget()
        try scene.configure("from", MigrationScene.sqlite("from.db"))
        try scene.configure("to", MigrationScene.sqlite("folder/to.db"))
        try scene.configure("vault", vault.secret)
        try scene.seed("from", Self.three)
        for target in ["to", "vault"] {
            let outcome = try scene.migrate("from", target, "--dry-run")
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(outcome.text.contains("would be written        3"))
        }
        #expect(!scene.exists("folder"))
        #expect(!scene.exists("tacit-migrate.journal"))
        #expect(try vault.writes() == 0)
    }

    // MARK: What cannot be copied

    @Test("copies the others where the target refuses a name, and ends with 1")
    func refusedName() throws {
        let doppler = try FakeServer(.doppler)
        try scene.configure("from", MigrationScene.sqlite("from.db"))
        try scene.configure("to", doppler.secret(keys: ["layout: flat"]))
        try scene.seed("from", ["GOOD": MigrationScene.value(1), "DOPPLER_PROJECT": MigrationScene.value(2)])
        let outcome = try scene.migrate("from", "to", "--json")
        #expect(outcome.status == 1, "\(outcome.errors)")
        let refused = try #require(try outcome.object()["refused"] as? [[String: Any]])
        #expect(refused.compactMap { $0["key"] as? String } == ["DOPPLER_PROJECT"])
        #expect((try outcome.object()["result"] as? [String: Any])?["copied"] as? Int == 1)
    }

    @Test("ends with 2 where the target cannot be written to, and writes nothing")
    func readOnly() throws {
        try scene.configure("from", MigrationScene.sqlite("from.db"))
        try scene.seed("from", Self.three)
        try scene.configure("env", "{type: env}")
        let environment = try scene.migrate("from", "env")
        #expect(environment.status == 2)
        #expect(environment.errors.contains("scope default (env) cannot be written to"))
        let vault = try FakeServer(.vault)
        try scene.configure("vault", vault.secret("read-only: true"))
        let readOnly = try scene.migrate("from", "vault")
        #expect(readOnly.status == 2)
        #expect(readOnly.errors.contains("scope default (vault) cannot be written to"))
        #expect(!scene.exists("tacit-migrate.journal"))
    }

    @Test("ends with 3 where a manager cannot be reached")
    func unreachable() throws {
        let fake = try FakeServer(.vault)
        try scene.configure("from", MigrationScene.sqlite("from.db"))
        try scene.configure("to", fake.secret())
        try Data("kestra: {secret: \(fake.secret()), retries: {attempts: 1, delay: 10ms}}\n".utf8)
            .write(to: URL(fileURLWithPath: scene.workspace.path("to.yaml")))
        try scene.seed("from", Self.three)
        try fake.fault("drop", times: 0)
        let away = try scene.migrate("from", "to")
        #expect(away.status == 3, "\(away.errors)")
        #expect(away.errors.contains("the target's manager of scope default (vault)"))
        #expect(!scene.exists("tacit-migrate.journal"))
        try fake.clearFaults()
        // It goes away in the middle.
        try fake.fault("drop", times: 0, path: "/data/main/company/team/SECOND")
        let middle = try scene.migrate("from", "to")
        #expect(middle.status == 3, "\(middle.errors)")
        #expect(middle.errors.contains("the same command again goes on from there"))
        try fake.clearFaults()
        #expect(try scene.migrate("from", "to").status == 0)
    }

    @Test("ends with 2 where a configuration is wrong, and says which")
    func wrongConfiguration() throws {
        try scene.configure("from", "{type: sqlit}")
        try scene.configure("to", MigrationScene.sqlite("to.db"))
        let outcome = try scene.migrate("from", "to")
        #expect(outcome.status == 2)
        #expect(outcome.errors.contains("--from: "))
        #expect(outcome.errors.contains("did you mean \"sqlite\"?"))
        let both = try scene.migrate("to", "to", "--overwrite", "--skip-existing")
        #expect(both.status == 2)
        let absent = try scene.migrate("to", "to")
        #expect(absent.status != 0, "the source must be there")
        #expect(!scene.exists("to.db"), "to read a source makes nothing")
    }

    @Test("asks for the namespaces and the tenant of a source that cannot tell them")
    func blindSource() throws {
        try scene.configureEnvironment(Self.three)
        try scene.configure("to", MigrationScene.sqlite("to.db"))
        let blind = try scene.migrate("env", "to")
        #expect(blind.status == 2)
        #expect(blind.errors.contains("--namespace"))
        let nobody = try scene.migrate("env", "to", "-n", "company")
        #expect(nobody.status == 2)
        #expect(nobody.errors.contains("--tenant"))
        let good = try scene.migrate("env", "to", "-n", "company", "-n", "other", "--tenant", "main", "--json")
        #expect(good.status == 0, "\(good.errors)")
        #expect(try plan(good)["new"] == 6)
    }

    // MARK: The journal and the terminal

    @Test("refuses a journal of another pair of configurations, and one that is none")
    func otherJournal() throws {
        let vault = try VaultTarget()
        try scene.configure("from", MigrationScene.sqlite("from.db"))
        try scene.configure("vault", vault.secret)
        try scene.configure("to", MigrationScene.sqlite("to.db"))
        try scene.seed("from", Self.three)
        // One of three fails, so that the journal stays.
        try vault.fake.fault("error", times: 0, path: "SECOND", ["status": 400])
        #expect(try scene.migrate("from", "vault").status == 1)
        #expect(scene.exists("tacit-migrate.journal"))
        let other = try scene.migrate("from", "to")
        #expect(other.status == 2)
        #expect(other.errors.contains("belongs to another migration, from from.yaml to vault.yaml"))
        let metadata = try scene.migrate("from", "vault", "--values-only")
        #expect(metadata.status == 2)
        #expect(metadata.errors.contains("--values-only"))
        try scene.workspace.write("a text of mine\n", to: "mine.txt")
        let mine = try scene.migrate("from", "to", "--journal", "mine.txt")
        #expect(mine.status == 2)
        #expect(mine.errors.contains("is no journal of tacit migrate"))
        try vault.fake.clearFaults()
        let last = try scene.migrate("from", "vault")
        #expect(last.status == 0, "\(last.errors)")
        #expect(last.text.contains("copied by an earlier run  2"))
        #expect(try vault.value("SECOND") == MigrationScene.value(2))
    }

    @Test("stops where the journal cannot be written, and leaves it whole")
    func fullDisk() throws {
        let vault = try VaultTarget()
        let many = Dictionary(
            uniqueKeysWithValues: (0..<200).map { (MigrationScene.key($0), MigrationScene.value($0)) }
        )
        try scene.configureEnvironment(many)
        try scene.configure("to", vault.secret)
        // The limit on file sizes stands in for a full disk: the kernel refuses to extend the file in the same place.
        let full = try scene.start(
            "env",
            "to",
            "--tenant",
            "main",
            "-n",
            "company.team",
            prelude: "trap '' XFSZ; ulimit -f 4;"
        ).finish()
        #expect(full.status == 2, "\(full.errors)")
        #expect(full.errors.contains("cannot write the journal tacit-migrate.journal"))
        let journal = try #require(FileManager.default.contents(atPath: scene.workspace.path("tacit-migrate.journal")))
        #expect(journal.last == UInt8(ascii: "\n"))
        let room = try scene.migrate("env", "to", "--tenant", "main", "-n", "company.team")
        #expect(room.status == 0, "\(room.errors)")
        for (key, value) in many { #expect(try vault.value(key) == value) }
    }

    @Test("shows a bar on a terminal, and lines elsewhere")
    func progress() throws {
        try scene.configure("from", MigrationScene.sqlite("from.db"))
        try scene.configure("to", MigrationScene.sqlite("to.db"))
        try scene.configure("third", MigrationScene.sqlite("third.db"))
        try scene.seed("from", Self.three)
        let terminal = try PseudoTerminal()
        let outcome = try scene.start("from", "to", terminal: terminal).finish()
        #expect(outcome.status == 0)
        let screen = terminal.screen
        #expect(screen.contains("copying [##############################] 3 of 3"), "\(screen)")
        let plain = try scene.migrate("from", "third")
        #expect(plain.errors.contains("tacit: copying 3 of 3\n"))
        #expect(!plain.errors.contains("\u{1b}"))
    }

    @Test("a signal while a manager does not answer ends it soon, and it goes on later")
    func hangingTarget() throws {
        let vault = try VaultTarget()
        try scene.configure("from", MigrationScene.sqlite("from.db"))
        try scene.configure("to", vault.secret)
        try scene.seed("from", Self.three)
        try vault.fake.fault("hang", times: 0, path: "/data/main/company/team/SECOND")
        let run = try scene.start("from", "to")
        let isHanging = run.wait { (try? vault.value("THIRD")) == MigrationScene.value(3) }
        try #require(isHanging, "\(run.errorsSoFar)")
        run.signal(SIGINT)
        let outcome = try run.finish()
        #expect(outcome.status == 128 + SIGINT, "\(outcome.errors)")
        try vault.fake.clearFaults()
        let last = try scene.migrate("from", "to")
        #expect(last.status == 0, "\(last.errors)")
        #expect(try vault.value("SECOND") == MigrationScene.value(2))
    }
}
