internal import SecretMemory
internal import Secrets
internal import Synchronization

/// Where secrets were found by their labels, so that not each read begins with a search. Holds names and addresses, never a
/// value; what it says is checked again by time, and dropped as soon as it leads nowhere.
final class SecretDirectory: Sendable {
    /// A secret as it was found.
    struct Place: Sendable, Equatable {
        let arn: String
        let owner: AWSIdentity.Owner
    }

    /// What is known of a name.
    enum Answer: Sendable, Equatable {
        /// Nothing that still counts.
        case unknown
        case nowhere
        case at(Place)
        case ambiguous([String])
    }

    struct Limits: Sendable {
        /// How long a place is believed. AWS's own listings are up to five minutes behind.
        var lifetime = Duration.seconds(300)
        /// How long it is believed that a name is nowhere: as long as a search takes that climbs from name space to name space.
        var absence = Duration.milliseconds(500)
        /// Keys that are remembered.
        var keys = 10_000
        /// Places that are remembered of one key.
        var places = 1000
    }

    private struct Known: Sendable {
        var places: [Place]
        var listedAt: BootInstant
        /// Places that we made, and that listings may not show yet.
        var made: [(place: Place, at: BootInstant)] = []
    }

    private let limits: Limits
    private let known = Mutex<[[UInt8]: Known]>([:])

    init(_ limits: Limits = Limits()) { self.limits = limits }

    func find(_ name: SecretName, at now: BootInstant) -> Answer {
        guard let known = known.withLock({ $0[Array(name.key.utf8)] }) else { return .unknown }
        let age = now.nanoseconds(since: known.listedAt)
        let made = known.made.filter { now.nanoseconds(since: $0.at) < limits.lifetime.nanoseconds }.map(\.place)
        let isListingValid = age < limits.lifetime.nanoseconds
        let answer = Self.choose(name, among: made + (isListingValid ? known.places : []))
        guard case .nowhere = answer else { return answer }
        return age < limits.absence.nanoseconds ? .nowhere : .unknown
    }

    /// The one that fits; several that fit equally well are none, because whichever was taken could be the wrong one.
    static func choose(_ name: SecretName, among places: [Place]) -> Answer {
        let fitting = places.filter { $0.owner.fits(namespace: name.namespace, key: name.key) }
        for rank in 0...1 {
            var found: [Place] = []
            for place in fitting where place.owner.rank(for: name.tenant) == rank && !found.contains(place) {
                found.append(place)
            }
            if found.count > 1 { return .ambiguous(found.map(\.arn).sorted()) }
            if let place = found.first { return .at(place) }
        }
        return .nowhere
    }

    /// Takes over what a search found for a key.
    func learn(_ places: [Place], of key: String, at now: BootInstant) {
        guard places.count <= limits.places else { return }
        known.withLock { known in
            let key = Array(key.utf8)
            var entry = Known(places: places, listedAt: now)
            // A listing that is behind does not take back what we know better.
            entry.made =
                known[key]?.made.filter { made in
                    now.nanoseconds(since: made.at) < limits.lifetime.nanoseconds
                        && !places.contains { $0.arn == made.place.arn }
                } ?? []
            makeRoom(for: key, in: &known)
            known[key] = entry
        }
    }

    /// Remembers a secret that was just made or restored.
    func made(_ place: Place, at now: BootInstant) {
        known.withLock { known in
            let key = Array(place.owner.key.utf8)
            makeRoom(for: key, in: &known)
            known[key, default: Known(places: [], listedAt: BootInstant(nanoseconds: .min))].made
                .removeAll { $0.place.arn == place.arn }
            known[key]?.made.append((place, now))
        }
    }

    /// Forgets a place that is no longer there.
    func forget(_ place: Place) {
        known.withLock { known in
            let key = Array(place.owner.key.utf8)
            known[key]?.places.removeAll { $0.arn == place.arn }
            known[key]?.made.removeAll { $0.place.arn == place.arn }
            // The rest may be as old as it was.
            known[key]?.listedAt = BootInstant(nanoseconds: .min)
        }
    }

    private func makeRoom(for key: [UInt8], in known: inout [[UInt8]: Known]) {
        guard known[key] == nil, known.count >= limits.keys else { return }
        guard let oldest = known.min(by: { $0.value.listedAt < $1.value.listedAt })?.key else { return }
        known[oldest] = nil
    }

    /// Keys that are remembered now.
    var count: Int { known.withLock { $0.count } }
}
