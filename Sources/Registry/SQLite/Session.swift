internal import Liveness
internal import SQLite
internal import SecretMemory
internal import Secrets

extension SQLiteRegistry {
    /// One open file with its statements. Used by one thread at a time.
    ///
    /// Sound to send: the registry lends it under a lock only.
    final class Session: @unchecked Sendable {
        typealias Connection = SQLiteConnection<SQLiteRegistryFailure>
        typealias Statement = SQLiteStatement<SQLiteRegistryFailure>

        private let connection: Connection
        private let upsert: Statement
        private let renew: Statement
        private let state: Statement
        private let all: Statement
        private let one: Statement
        private let move: Statement
        private let delete: Statement

        init(path: String, busyMilliseconds: CInt) throws(SQLiteRegistryFailure) {
            let file: String
            do throws(SQLiteFile.Failure) {
                file = try SQLiteFile.prepare(path, create: true, setting: "tacit.registry.path")
            } catch { throw .file(error) }
            connection = try Connection(path: file, busyTimeout: busyMilliseconds)
            // A beat that a power cut takes back is a beat that was missed, and no more.
            try connection.execute("PRAGMA synchronous = NORMAL; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -256")
            try RegistrySchema.prepare(connection, file)
            upsert = try connection.prepare(
                """
                INSERT INTO service_instance (id, type, state, sequence, node, created_at, updated_at, data)
                VALUES (?1, ?2, ?3, ?4, ?5, ?7, ?7, ?6)
                ON CONFLICT (id) DO UPDATE SET type = ?2, state = ?3, sequence = ?4, node = ?5, updated_at = ?7, data = ?6
                """
            )
            renew = try connection.prepare(
                """
                UPDATE service_instance SET state = ?2, sequence = ?3, updated_at = ?6, data = ?4
                WHERE id = ?1 AND instr(?5, ',' || state || ',') > 0
                """
            )
            state = try connection.prepare("SELECT state FROM service_instance WHERE id = ?1")
            all = try connection.prepare(
                """
                SELECT id, state, sequence, data, updated_at FROM service_instance
                ORDER BY state IN ('CREATED', 'RUNNING', 'MAINTENANCE') DESC, updated_at DESC LIMIT ?1
                """
            )
            one = try connection.prepare("SELECT data FROM service_instance WHERE id = ?1 AND sequence = ?2")
            move = try connection.prepare(
                """
                UPDATE service_instance SET state = ?3, sequence = ?4, updated_at = ?6, data = ?5
                WHERE id = ?1 AND sequence = ?2
                """
            )
            delete = try connection.prepare(
                """
                DELETE FROM service_instance WHERE state IN ('INACTIVE', 'EMPTY') AND updated_at < ?1
                """
            )
        }

        /// The registry's own clock: that of the node.
        private static var now: Int64 { TimeSource.system.wall() }

        func register(_ instance: ServiceInstance, _ text: String) throws(SQLiteRegistryFailure) {
            defer { upsert.reset() }
            try upsert.bind(instance.id, at: 1)
            try upsert.bind(instance.type, at: 2)
            try upsert.bind(instance.state.rawValue, at: 3)
            try upsert.bind(Int64(clamping: instance.sequence), at: 4)
            try upsert.bind(instance.server.node, at: 5)
            try upsert.bind(text, at: 6)
            try upsert.bind(Self.now, at: 7)
            _ = try upsert.step()
        }

        func update(_ instance: ServiceInstance, _ text: String) throws(SQLiteRegistryFailure) -> RegistryAnswer {
            defer { renew.reset() }
            try renew.bind(instance.id, at: 1)
            try renew.bind(instance.state.rawValue, at: 2)
            try renew.bind(Int64(clamping: instance.sequence), at: 3)
            try renew.bind(text, at: 4)
            let allowed = instance.state.predecessors.map(\.rawValue).joined(separator: ",")
            try renew.bind(",\(allowed),", at: 5)
            try renew.bind(Self.now, at: 6)
            _ = try renew.step()
            if connection.changedRows() > 0 { return .written }
            return try whatIsInTheWay(of: instance.id)
        }

        private func whatIsInTheWay(of id: String) throws(SQLiteRegistryFailure) -> RegistryAnswer {
            defer { state.reset() }
            try state.bind(id, at: 1)
            guard try state.step() else { return .missing }
            // A row whose state nobody knows is written anew.
            return ServiceState(name: state.text(at: 0)).map(RegistryAnswer.refused) ?? .missing
        }

        func list() throws(SQLiteRegistryFailure) -> RegistryListing {
            defer { all.reset() }
            try all.bind(Int64(RegistryListing.limit), at: 1)
            var listing = RegistryListing()
            let now = Self.now
            while try all.step() {
                let instance = all.withBytes(at: 3) { try? InstanceRecord.read($0) }
                guard let instance, instance.id == all.text(at: 0), instance.state.rawValue == all.text(at: 1),
                    Int64(clamping: instance.sequence) == all.number(at: 2)
                else {
                    listing.damaged += 1
                    continue
                }
                let age = Duration.milliseconds(now - all.number(at: 4))
                listing.rows.append(RegistryListing.Row(instance: instance, age: age))
            }
            return listing
        }

        func carryOut(_ verdict: Verdict, at time: Int64) throws(SQLiteRegistryFailure) -> Bool {
            var isDone = false
            try connection.transaction { () throws(SQLiteRegistryFailure) in
                guard var instance = try find(verdict),
                    instance.move(to: verdict.state, at: time, reason: verdict.reason, isOwn: false)
                else { return }
                try write(instance, over: verdict)
                isDone = true
            }
            return isDone
        }

        private func find(_ verdict: Verdict) throws(SQLiteRegistryFailure) -> ServiceInstance? {
            defer { one.reset() }
            try one.bind(verdict.id, at: 1)
            try one.bind(Int64(clamping: verdict.sequence), at: 2)
            guard try one.step() else { return nil }
            return one.withBytes(at: 0) { try? InstanceRecord.read($0) }
        }

        private func write(_ instance: ServiceInstance, over verdict: Verdict) throws(SQLiteRegistryFailure) {
            let text: String
            do throws(RegistryError) { text = try InstanceRecord.text(instance) } catch { throw .record(error) }
            defer { move.reset() }
            try move.bind(verdict.id, at: 1)
            try move.bind(Int64(clamping: verdict.sequence), at: 2)
            try move.bind(instance.state.rawValue, at: 3)
            try move.bind(Int64(clamping: instance.sequence), at: 4)
            try move.bind(text, at: 5)
            try move.bind(Self.now, at: 6)
            _ = try move.step()
        }

        func purge(olderThan retention: Duration) throws(SQLiteRegistryFailure) -> Int {
            defer { delete.reset() }
            try delete.bind(Self.now - retention.nanoseconds / 1_000_000, at: 1)
            _ = try delete.step()
            return connection.changedRows()
        }
    }
}
