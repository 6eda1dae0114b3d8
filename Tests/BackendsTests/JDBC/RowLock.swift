import Foundation
import Testing

/// Another session's lock on a row, held until it is released.
struct RowLock {
    private let scene: JDBCScene

    /// Takes it, and returns when it is held.
    init(_ key: String, in scene: JDBCScene) async throws {
        self.scene = scene
        let select = "SELECT version FROM $TABLE WHERE name = '\(key)' FOR UPDATE;"
        Thread.detachNewThread {
            // Ends with an error when it is released.
            switch scene.kind {
            case .postgreSQL: _ = try? scene.sql("BEGIN; \(select) SELECT pg_sleep(600);")
            case .mariaDB: _ = try? scene.sql("START TRANSACTION; \(select) DO SLEEP(600);")
            case .sqlite: break
            }
        }
        try await until("the row is locked") { try scene.sql(Self.sleepers("count(*)", scene)) == "1" }
    }

    func release() throws {
        switch scene.kind {
        case .postgreSQL: try scene.sql(Self.sleepers("pg_terminate_backend(pid)", scene))
        case .mariaDB:
            let id = try scene.sql(Self.sleepers("id", scene))
            try scene.sql("KILL \(id)")
        case .sqlite: break
        }
    }

    /// Returns when somebody waits for it.
    func waitForOthers() async throws {
        let waiting =
            switch scene.kind {
            case .postgreSQL: "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
            default: "SELECT count(*) FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'"
            }
        // InnoDB looks anew only where nobody has asked for a tenth of a second.
        try await until("somebody waits for the row", every: .milliseconds(250)) { try scene.sql(waiting) == "1" }
    }

    private static func sleepers(_ columns: String, _ scene: JDBCScene) -> String {
        switch scene.kind {
        case .postgreSQL:
            "SELECT \(columns) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(600)%' AND wait_event = 'PgSleep'"
        default: "SELECT \(columns) FROM information_schema.processlist WHERE info = 'DO SLEEP(600)'"
        }
    }
}

/// Asks until it is so.
func until(
    _ what: String,
    seconds: Int = 30,
    every pause: Duration = .milliseconds(20),
    _ condition: () async throws -> Bool
) async throws {
    let end = ContinuousClock.now.advanced(by: .seconds(seconds))
    while try await !condition() {
        try #require(ContinuousClock.now < end, "not so: \(what)")
        try await Task.sleep(for: pause)
    }
}
