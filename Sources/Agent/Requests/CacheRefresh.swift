internal import Secrets

/// Fetches a value anew behind an answer that has left already.
enum CacheRefresh {
    static func start(_ reference: SecretReference, _ call: RequestCall) {
        let (resolver, scopes, access) = (call.loop.services.resolver, call.snapshot.scopes, call.access)
        Task.detached {
            await resolver.refresh(reference, scopes: scopes) { level in
                access.isClosed(.get, reference, at: level, scopes: scopes)
            }
        }
    }
}
