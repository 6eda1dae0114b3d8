internal import CLinux
internal import Glibc

/// What the process asks of the kernel for itself, before anything else runs.
public enum Hardening {
    /// What the kernel granted.
    public struct Report: Sendable {
        /// Whether other processes of the same user are kept from attaching and reading memory.
        public let notDumpable: Bool
        /// Whether core files are switched off.
        public let noCoreFiles: Bool
        /// Whether executing a set-user-ID program gains nothing any more.
        public let noNewPrivileges: Bool

        /// Nothing granted.
        public init() { self.init(notDumpable: false, noCoreFiles: false, noNewPrivileges: false) }

        init(notDumpable: Bool, noCoreFiles: Bool, noNewPrivileges: Bool) {
            self.notDumpable = notDumpable
            self.noCoreFiles = noCoreFiles
            self.noNewPrivileges = noNewPrivileges
        }
    }

    /// The first lines of main: no crash reporter, no debugger, no core file, no new privileges, private files.
    ///
    /// Call before any thread starts. The runtime's crash reporter would print the memory that registers point at.
    @discardableResult
    public static func apply() -> Report {
        #if MEMORY_PROBE
            ArenaProbe.readSwitch()
            if unsafe ArenaProbe.measuresAreOff { return Report() }
        #endif
        for number in [SIGQUIT, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGTRAP, SIGSYS] {
            signal(number, SIG_DFL)
        }
        let dumpable = linux_set_dumpable(0)
        let cores = linux_forbid_core_files()
        let privileges = linux_set_no_new_privileges()
        umask(0o077)
        return Report(
            notDumpable: dumpable == 0 && linux_get_dumpable() == 0,
            noCoreFiles: cores == 0,
            noNewPrivileges: privileges == 0
        )
    }

    /// Wipes the calling thread's stack below the caller, and its vector registers. For threads that handled a secret.
    public static func scrubStack() {
        #if MEMORY_PROBE
            if unsafe ArenaProbe.measuresAreOff { return }
        #endif
        linux_scrub_stack()
    }
}
