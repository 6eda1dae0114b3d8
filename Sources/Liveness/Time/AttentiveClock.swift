/// Time during which somebody was looking.
///
/// Who was stopped, suspended or cut off cannot tell whether the others were silent meanwhile or only unheard. So silence is
/// measured on this clock, which stands still while nobody looks: a pause of the one who judges is no death of the others.
package struct AttentiveClock: Sendable {
    /// Two looks further apart than this count as this far apart.
    private let longestGap: Duration
    private var lastLook: Duration?
    private var elapsed = Duration.zero
    private var isBlind = false

    /// - Parameter interval: how often looks are meant to be.
    package init(interval: Duration) { longestGap = interval * 2 }

    /// Looks.
    ///
    /// - Parameter now: on a clock that never jumps; where it begins does not matter.
    /// - Returns: the attentive time, and how much of it passed since the look before.
    package mutating func look(at now: Duration) -> (time: Duration, gap: Duration) {
        let gap = isBlind ? .zero : passed(at: now)
        isBlind = false
        lastLook = now
        elapsed += gap
        return (elapsed, gap)
    }

    /// A look that saw nothing: the time until the next one does not count.
    package mutating func lookInVain(at now: Duration) {
        _ = look(at: now)
        isBlind = true
    }

    /// The attentive time between two looks.
    package func time(at now: Duration) -> Duration { elapsed + (isBlind ? .zero : passed(at: now)) }

    private func passed(at now: Duration) -> Duration {
        guard let lastLook else { return .zero }
        return min(max(.zero, now - lastLook), longestGap)
    }
}
