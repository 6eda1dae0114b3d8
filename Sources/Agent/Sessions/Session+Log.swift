internal import Logging
internal import Secrets

extension Session {
    /// Who it is, for the operator's log.
    var logMetadata: Logger.Metadata {
        var metadata: Logger.Metadata = ["identity": "\(access.identity.uri)"]
        if let process = peer.process {
            metadata["pid"] = "\(process.pid)"
            metadata["uid"] = "\(process.uid)"
        } else {
            metadata["address"] = "\(peer.address)"
        }
        return metadata
    }
}
