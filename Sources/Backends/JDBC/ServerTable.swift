internal import Databases

/// A table on a server, which the agent makes where it may and recognises.
protocol ServerTable: SealedTable, DatabaseConnection, ~Copyable where Failure == StoreFailure {
    associatedtype Statements: TableStatements

    /// Makes the tables.
    borrowing func makeTables(_ call: TableCall) throws(StoreFailure)

    /// Runs a statement that inserts one row.
    ///
    /// - Returns: false where there is a row with this key already.
    borrowing func insert(
        _ statement: DatabaseStatement,
        _ parameters: borrowing DatabaseParameters,
        _ call: TableCall
    ) throws(StoreFailure) -> Bool
}

extension ServerTable where Self: ~Copyable {
    /// Makes the tables where they are missing, and makes sure that they are of the version that this agent knows.
    ///
    /// - Parameter create: whether anything may be made.
    borrowing func prepare(create: Bool, _ call: TableCall) throws(StoreFailure) {
        var found = try version(call)
        if found == nil, create {
            try makeTables(call)
            found = try version(call)
        }
        try StoreVersion.check(found)
    }

    /// nil where there are no tables.
    private borrowing func version(_ call: TableCall) throws(StoreFailure) -> StoreVersion? {
        do throws(StoreFailure) {
            let found: [StoreVersion] = try fetch("SELECT version FROM \(call.store)", limit: 1, call)
            return found.first
        } catch {
            guard error.databaseKind == .missingTable else { throw error }
            return nil
        }
    }

    // MARK: Statements of a call

    borrowing func fetch<Record: FetchableRecord>(
        _ statement: DatabaseStatement,
        _ parameters: borrowing DatabaseParameters = DatabaseParameters(),
        limit: Int,
        _ call: TableCall
    ) throws(StoreFailure) -> [Record] {
        try fetch(statement, parameters, deadline: call.deadline, maximumRows: limit)
    }

    /// - Returns: whether one row was changed.
    borrowing func changesOne(
        _ statement: DatabaseStatement,
        _ parameters: borrowing DatabaseParameters,
        _ call: TableCall
    ) throws(StoreFailure) -> Bool {
        try execute(statement, parameters, deadline: call.deadline) == 1
    }
}
