internal import Secrets

extension ConnectionLoop {
    /// Fetches a value anew behind an answer that has left already.
    func refresh(_ reference: SecretReference, for session: Session) {
        let (resolver, scopes, access) = (services.resolver, snapshot.scopes, session.access)
        Task.detached {
            await resolver.refresh(reference, scopes: scopes) { level in
                access.isClosed(.get, reference, at: level, scopes: scopes)
            }
        }
    }
}
