import Foundation
import Glibc

/// A terminal and the person before it.
final class PseudoTerminal {
    /// For the program.
    let path: String
    private let person: Int32
    /// Kept open, so that the settings can be looked at when no program has it.
    private let other: Int32

    /// `TIOCSPTLCK` and `TIOCGPTN` of the kernel, which are macros that Swift cannot import.
    private static let lock: UInt = 0x4004_5431
    private static let number: UInt = 0x8004_5430

    init() throws {
        person = unsafe open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        var isLocked: Int32 = 0
        var index: Int32 = 0
        guard person >= 0, unsafe ioctl(person, Self.lock, &isLocked) == 0,
            unsafe ioctl(person, Self.number, &index) == 0
        else {
            throw CocoaError(.fileReadUnknown)
        }
        path = "/dev/pts/\(index)"
        other = unsafe open(path, O_RDWR | O_NOCTTY | O_CLOEXEC)
    }

    deinit {
        close(other)
        close(person)
    }

    func type(_ text: String) {
        let bytes = Array(text.utf8)
        _ = unsafe write(person, bytes, bytes.count)
    }

    /// Whether what is typed is shown.
    var isShown: Bool {
        var settings = termios()
        _ = unsafe tcgetattr(other, &settings)
        return settings.c_lflag & tcflag_t(ECHO) != 0
    }

    /// What is on the screen and was not read before.
    var screen: String {
        var entry = pollfd(fd: person, events: Int16(POLLIN), revents: 0)
        var bytes = [UInt8](repeating: 0, count: 4096)
        var text = ""
        while unsafe poll(&entry, 1, 0) > 0, entry.revents & Int16(POLLIN) != 0 {
            let count = unsafe read(person, &bytes, bytes.count)
            guard count > 0 else { break }
            text += String(decoding: bytes[..<count], as: UTF8.self)
        }
        return text
    }
}
