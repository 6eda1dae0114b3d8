/// What is asked of the service, with the permission that it takes.
enum GoogleOperation: String, Sendable {
    case access = "reading"
    case list = "listing"
    case describe = "looking at"
    case create = "creating"
    case update = "labelling"
    case addVersion = "writing"
    case disable = "disabling a version of"
    case destroy = "destroying a version of"
    case delete = "deleting"

    var permission: String {
        switch self {
        case .access: "secretmanager.versions.access"
        case .list: "secretmanager.secrets.list"
        case .describe: "secretmanager.secrets.get"
        case .create: "secretmanager.secrets.create"
        case .update: "secretmanager.secrets.update"
        case .addVersion: "secretmanager.versions.add"
        case .disable: "secretmanager.versions.disable"
        case .destroy: "secretmanager.versions.destroy"
        case .delete: "secretmanager.secrets.delete"
        }
    }
}
