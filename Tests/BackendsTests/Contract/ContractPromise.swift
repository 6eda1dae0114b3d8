/// The promises of ``BackendContract``, one by one.
enum ContractPromise: String, Sendable {
    case getGivesTheValue = "a get gives the value"
    case getTwiceGivesTheSame = "two gets give the same"
    case missingIsNil = "what is missing is nil"
    case namesCompareByteForByte = "names compare byte for byte"
    case anUnknownVersionIsUnsupported = "an unknown version is unsupported"
    case listIsInOrderAndPaged = "a listing is in order and in pages"
    case listFindsPrefixes = "a listing finds prefixes"
    case valuesRoundTrip = "values come back as they were written"
    case valuesThatAreTooLargeAreRefused = "values that are too large are refused"
    case oddNamesRoundTrip = "values under odd names come back"
    case versionsGrowAndSurviveDeletion = "versions grow and survive deletion"
    case metadataIsListed = "metadata is listed"
    case writesAreRefusedWhereTheyAreNotOffered = "writes are refused where they are not offered"
    case readOnlyItSendsNoWrite = "read-only, it reads what is there and sends no write"

    static let reading: [ContractPromise] = [
        .getGivesTheValue, .getTwiceGivesTheSame, .missingIsNil, .namesCompareByteForByte,
        .anUnknownVersionIsUnsupported,
    ]
    static let listing: [ContractPromise] = [.listIsInOrderAndPaged, .listFindsPrefixes]
    static let writing: [ContractPromise] = [
        .valuesRoundTrip, .valuesThatAreTooLargeAreRefused, .oddNamesRoundTrip, .versionsGrowAndSurviveDeletion,
        .metadataIsListed,
    ]
    /// Of a backend that takes writes.
    static let full = reading + listing + writing
    /// Of one that takes none.
    static let readOnly = reading + listing + [writesAreRefusedWhereTheyAreNotOffered]

    func check(_ contract: BackendContract) async throws {
        switch self {
        case .getGivesTheValue: try await contract.getGivesTheValue()
        case .getTwiceGivesTheSame: try await contract.getTwiceGivesTheSame()
        case .missingIsNil: try await contract.missingIsNil()
        case .namesCompareByteForByte: try await contract.namesCompareByteForByte()
        case .anUnknownVersionIsUnsupported: try await contract.anUnknownVersionIsUnsupported()
        case .listIsInOrderAndPaged: try await contract.listIsInOrderAndPaged()
        case .listFindsPrefixes: try await contract.listFindsPrefixes()
        case .valuesRoundTrip: try await contract.valuesRoundTrip()
        case .valuesThatAreTooLargeAreRefused: try await contract.valuesThatAreTooLargeAreRefused()
        case .oddNamesRoundTrip: try await contract.oddNamesRoundTrip()
        case .versionsGrowAndSurviveDeletion: try await contract.versionsGrowAndSurviveDeletion()
        case .metadataIsListed: try await contract.metadataIsListed()
        case .writesAreRefusedWhereTheyAreNotOffered: try await contract.writesAreRefusedWhereTheyAreNotOffered()
        case .readOnlyItSendsNoWrite: try await contract.readOnlyItSendsNoWrite()
        }
    }
}
