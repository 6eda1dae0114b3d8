internal import SecretMemory
internal import Secrets

/// A secret as Secrets Safe lists it, in an answer that holds it.
struct BeyondTrustRecord: Sendable {
    enum Kind: Sendable {
        case text, credential, file
        /// One that this agent does not know.
        case other
    }

    let id: String
    let title: String
    let kind: Kind
    let node: JSONDocument.Node

    /// The records of a list, whichever version of the interface wrote it.
    ///
    /// - Parameter folder: nil for those of all folders.
    static func all(
        in json: borrowing JSONDocument,
        folder: String?,
        _ action: String
    ) throws(BackendError) -> (records: [BeyondTrustRecord], count: Int) {
        let list = json.kind(json.root) == .object ? json.node("Data") : json.root
        guard let list, json.kind(list) == .array else {
            throw .malformed(detail: "\(action) was answered with something that is no list")
        }
        let nodes = json.elements(of: list)
        var records: [BeyondTrustRecord] = []
        for node in nodes {
            guard let id = json.string(json.node("Id", in: node)), isID(id),
                let title = json.string(json.node("Title", in: node))
            else { throw .malformed(detail: "\(action) was answered with a secret that has no id or title") }
            // A server that does not know a filter answers as if it were not there.
            if let folder, json.string(json.node("FolderId", in: node))?.lowercased() != folder { continue }
            let kind: Kind =
                switch json.string(json.node("SecretType", in: node)) {
                case "Text": .text
                case "Credential": .credential
                case "File": .file
                default: .other
                }
            records.append(BeyondTrustRecord(id: id, title: title, kind: kind, node: node))
        }
        return (records, nodes.count)
    }

    /// Whether it is a GUID as addresses have it; anything else would lead to another place.
    static func isID(_ text: String) -> Bool {
        text.utf8.count == 36
            && text.utf8.enumerated().allSatisfy { index, byte in
                switch byte {
                case UInt8(ascii: "-"): [8, 13, 18, 23].contains(index)
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
                    UInt8(ascii: "A")...UInt8(ascii: "F"):
                    ![8, 13, 18, 23].contains(index)
                default: false
                }
            }
    }

    func description(in json: borrowing JSONDocument) -> String? {
        json.string(json.node("Description", in: node)).flatMap { $0.isEmpty ? nil : $0 }
    }

    /// - Returns: nil where the notes are somebody else's.
    func note(in json: borrowing JSONDocument) throws(BackendError) -> SecretNote? {
        try SecretNote.read(json.node("Notes", in: node), in: json)
    }

    /// When it was written, in milliseconds since 1970. The dates of Secrets Safe may lack their zone, which is UTC.
    func modified(in json: borrowing JSONDocument) -> Int64? {
        for name in ["SecretValueModifiedOn", "ModifiedOn"] {
            guard let text = json.string(json.node(name, in: node)) else { continue }
            if let time = ISODate.milliseconds(text) ?? ISODate.milliseconds(text + "Z") { return time }
        }
        return nil
    }

    /// Orders secrets of one title: the one that was there first is first.
    func created(in json: borrowing JSONDocument) -> String {
        (json.string(json.node("CreatedOn", in: node)) ?? "") + " " + id
    }
}
