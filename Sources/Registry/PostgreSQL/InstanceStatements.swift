#if PostgreSQL
    internal import Databases
    internal import Liveness
    internal import PostgreSQL
    internal import SecretMemory

    /// What is said to the database. Its own clock gives the times.
    enum InstanceStatements {
        typealias Connection = PostgreSQLRegistry.Connection

        static func register(
            _ instance: ServiceInstance,
            _ text: String,
            _ connection: borrowing Connection,
            _ deadline: ContinuousClock.Instant
        ) throws(DatabaseError) {
            var parameters = DatabaseParameters()
            parameters.append(instance.id)
            parameters.append(instance.type)
            parameters.append(instance.state.rawValue)
            parameters.append(Int64(clamping: instance.sequence))
            parameters.append(instance.server.node)
            parameters.append(text)
            try connection.execute(
                """
                INSERT INTO tacit_instance (id, type, state, sequence, node, data)
                VALUES ($1, $2, $3, $4, $5, $6::jsonb)
                ON CONFLICT (id) DO UPDATE SET type = $2, state = $3, sequence = $4, node = $5,
                  updated_at = now(), data = $6::jsonb
                """,
                parameters,
                deadline: deadline
            )
        }

        /// In one statement, which locks the row: the state is looked at and changed at once.
        static func update(
            _ instance: ServiceInstance,
            _ text: String,
            _ connection: borrowing Connection,
            _ deadline: ContinuousClock.Instant
        ) throws(DatabaseError) -> RegistryAnswer {
            var parameters = DatabaseParameters()
            parameters.append(instance.id)
            parameters.append(instance.state.rawValue)
            parameters.append(Int64(clamping: instance.sequence))
            parameters.append(text)
            parameters.append(instance.state.predecessors.map(\.rawValue).joined(separator: ","))
            let changed = try connection.execute(
                """
                UPDATE tacit_instance SET state = $2, sequence = $3, updated_at = now(), data = $4::jsonb
                WHERE id = $1 AND state = ANY (string_to_array($5, ','))
                """,
                parameters,
                deadline: deadline
            )
            if changed > 0 { return .written }
            return try whatIsInTheWay(of: instance.id, connection, deadline)
        }

        private static func whatIsInTheWay(
            of id: String,
            _ connection: borrowing Connection,
            _ deadline: ContinuousClock.Instant
        ) throws(DatabaseError) -> RegistryAnswer {
            var parameters = DatabaseParameters()
            parameters.append(id)
            var state: ServiceState?
            try connection.query("SELECT state FROM tacit_instance WHERE id = $1", parameters, deadline: deadline) {
                (row) throws(DatabaseError) in
                // A row whose state nobody knows is written anew.
                state = try row.text(at: 0).flatMap(ServiceState.init(name:))
            }
            return state.map(RegistryAnswer.refused) ?? .missing
        }

        /// Takes one of `count` places, each a lock that ends with the connection.
        static func claim(
            _ space: Int64,
            _ count: Int64,
            _ connection: borrowing Connection,
            _ deadline: ContinuousClock.Instant
        ) throws(DatabaseError) -> Bool {
            var parameters = DatabaseParameters()
            parameters.append(space)
            parameters.append(count)
            // The limit ends it at the first place that is free, so that no second one is taken.
            let statement: DatabaseStatement = """
                SELECT place FROM generate_series(1, $2) AS place
                WHERE pg_try_advisory_lock($1::integer, place::integer) LIMIT 1
                """
            var isOne = false
            try connection.query(statement, parameters, deadline: deadline) { (_) throws(DatabaseError) in
                isOne = true
            }
            return isOne
        }

        static func list(
            _ connection: borrowing Connection,
            _ deadline: ContinuousClock.Instant
        ) throws(DatabaseError) -> RegistryListing {
            var parameters = DatabaseParameters()
            parameters.append(Int64(RegistryListing.limit))
            var listing = RegistryListing()
            let statement: DatabaseStatement = """
                SELECT id, state, sequence, convert_to(data::text, 'UTF8'),
                  (extract(epoch FROM clock_timestamp() - updated_at) * 1000)::bigint
                FROM tacit_instance
                ORDER BY state IN ('CREATED', 'RUNNING', 'MAINTENANCE') DESC, updated_at DESC LIMIT $1
                """
            try connection.query(
                statement,
                parameters,
                deadline: deadline,
                maximumRows: RegistryListing.limit
            ) { (row) throws(DatabaseError) in
                let (id, state) = (try row.text(at: 0), try row.text(at: 1))
                let (sequence, age) = (try row.number(at: 2), try row.number(at: 4))
                let instance = record(at: 3, of: row)
                guard let instance, instance.id == id, instance.state.rawValue == state,
                    Int64(clamping: instance.sequence) == sequence
                else {
                    listing.damaged += 1
                    return
                }
                listing.rows.append(RegistryListing.Row(instance: instance, age: .milliseconds(age ?? 0)))
            }
            return listing
        }

        /// nil for whatever is no record.
        private static func record(
            at column: Int,
            of row: borrowing PostgreSQLRow<DatabaseError>
        ) -> ServiceInstance? {
            row.withBytes(at: column) { bytes in
                guard let bytes else { return nil }
                return try? InstanceRecord.read(bytes)
            }
        }

        static func carryOut(
            _ verdict: Verdict,
            at time: Int64,
            _ connection: borrowing Connection,
            _ deadline: ContinuousClock.Instant
        ) throws(DatabaseError) -> Bool {
            try connection.transaction(deadline: deadline) { () throws(DatabaseError) in
                guard var instance = try find(verdict, connection, deadline),
                    instance.move(to: verdict.state, at: time, reason: verdict.reason, isOwn: false)
                else { return false }
                let text: String
                do throws(RegistryError) { text = try InstanceRecord.text(instance) } catch {
                    throw DatabaseError(.memory, error.description)
                }
                var parameters = DatabaseParameters()
                parameters.append(verdict.id)
                parameters.append(instance.state.rawValue)
                parameters.append(Int64(clamping: instance.sequence))
                parameters.append(text)
                try connection.execute(
                    "UPDATE tacit_instance SET state = $2, sequence = $3, updated_at = now(), data = $4::jsonb WHERE id = $1",
                    parameters,
                    deadline: deadline
                )
                return true
            }
        }

        private static func find(
            _ verdict: Verdict,
            _ connection: borrowing Connection,
            _ deadline: ContinuousClock.Instant
        ) throws(DatabaseError) -> ServiceInstance? {
            var parameters = DatabaseParameters()
            parameters.append(verdict.id)
            parameters.append(Int64(clamping: verdict.sequence))
            var instance: ServiceInstance?
            let statement: DatabaseStatement = """
                SELECT convert_to(data::text, 'UTF8') FROM tacit_instance WHERE id = $1 AND sequence = $2 FOR UPDATE
                """
            try connection.query(statement, parameters, deadline: deadline) { (row) throws(DatabaseError) in
                instance = record(at: 0, of: row)
            }
            return instance
        }

        static func purge(
            olderThan seconds: Int64,
            _ connection: borrowing Connection,
            _ deadline: ContinuousClock.Instant
        ) throws(DatabaseError) -> Int {
            var parameters = DatabaseParameters()
            parameters.append(seconds)
            return try connection.execute(
                """
                DELETE FROM tacit_instance WHERE state IN ('INACTIVE', 'EMPTY')
                AND updated_at < now() - make_interval(secs => $1)
                """,
                parameters,
                deadline: deadline
            )
        }
    }
#endif
