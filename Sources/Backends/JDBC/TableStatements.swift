internal import Databases

/// The statements on a table of sealed values, in the words of one kind of server. What each of them is given and what it
/// answers with stands beside it, in this order.
protocol TableStatements {
    /// Whether the server's texts can hold a zero byte.
    static var holdZeros: Bool { get }

    /// tenant, namespace, name -> version, envelope, tags
    static func row(in secrets: DatabaseTable) -> DatabaseStatement

    /// tenant, namespace, after, prefix, limit -> name, version, tags, description, updated_at
    static func entries(in secrets: DatabaseTable) -> DatabaseStatement

    /// whether there is an after, after's tenant, after's namespace, whether the tenant counts, tenant, limit
    /// -> tenant, namespace
    static func namespaces(in secrets: DatabaseTable) -> DatabaseStatement

    /// key_id, envelope, tags, description, tenant, namespace, name
    static func insert(into secrets: DatabaseTable) -> DatabaseStatement

    /// key_id, envelope, tags, description, tenant, namespace, name, old version
    static func update(_ secrets: DatabaseTable) -> DatabaseStatement

    /// tenant, namespace, name, old version
    static func bury(in secrets: DatabaseTable) -> DatabaseStatement

    /// after's tenant, after's namespace, after's name, key_id, limit -> tenant, namespace, name, version, envelope
    static func values(in secrets: DatabaseTable) -> DatabaseStatement

    /// new key_id, new envelope, tenant, namespace, name, version, old envelope
    static func reseal(in secrets: DatabaseTable) -> DatabaseStatement

    /// new canary, old canary
    static func setCanary(in store: DatabaseTable) -> DatabaseStatement
}
