import ManagerFakes

/// What the search of an agent with a manager looks for, once it is known which credentials are still good.
struct ManagerCanaries {
    /// What may lie in the arena as it is: what is configured, tokens and keys in use, and the keys derived from them.
    private(set) var kept: [Canary]
    /// What must be gone: tokens that were replaced, proofs that were used, what log-ins read for themselves.
    private(set) var ended: [Canary]
    /// What the agent has been given and is using.
    let inUse: [Canary]

    /// - Parameters:
    ///   - before: credentials seen until all but the last were replaced.
    ///   - now: those that requests show since.
    init(_ setup: ManagerSetup, before: SeenCredentials, now: SeenCredentials) throws {
        let (live, gone) = before.divided(by: now)
        let found = setup.turns.last?.found ?? []
        inUse = live.canaries("credential in use")
        kept = setup.configured + found + inUse
        ended = gone.canaries("ended credential") + setup.borrowed
        ended += setup.turns.dropLast().flatMap(\.found).filter { old in !found.contains { $0.name == old.name } }
        guard setup.fake.kind == .aws, let region = setup.fake.details["region"] else { return }
        let used = setup.configured + live.secretKeys("in use")
        for (keys, isLive) in [(used, true), (gone.secretKeys("ended"), false)] {
            for key in keys {
                let derived = try SigningKeys(key, region: region, service: "secretsmanager")
                ended += derived.steps
                if isLive { kept.append(derived.last) } else { ended.append(derived.last) }
            }
        }
        for key in setup.turns.flatMap(\.found) where key.name.contains("secret key") {
            let derived = try SigningKeys(key, region: region, service: "sts")
            ended += derived.steps + [derived.last]
        }
    }

    /// Everything, for searches of places where none of it may be.
    func everywhere() -> Needles { Needles(kept + ended) }

    /// What must be gone, and the forms that requests needed of what is kept.
    func gone() -> [Needles] {
        let forms = Needles(kept, forms: Form.allCases.filter { $0 != .raw }, besides: kept)
        // Where tokens never end, none has.
        return ended.isEmpty ? [forms] : [Needles(ended, besides: kept), forms]
    }
}
