internal import Glibc

/// A database's place in the file system, made ready for the library to open it.
package enum SQLiteFile {
    /// Why a file cannot be used.
    package enum Failure: Error, Equatable, Sendable {
        case system(code: CInt, operation: StaticString, path: String)
        /// The path, or what is there, is nothing that a database can be; in words that name it and the setting.
        case unsuitable(String)
        /// Others may change it, in words that say what to do.
        case unsafeMode(String)

        package static func == (left: Failure, right: Failure) -> Bool { "\(left)" == "\(right)" }
    }

    /// Resolves the directory, makes what is missing, and makes sure of what kind of file it is.
    ///
    /// - Parameters:
    ///   - create: whether a missing directory (0700) and file (0600, empty) are made.
    ///   - setting: where `path` was configured, for what is wrong with it.
    /// - Returns: the file's path without any symbolic link.
    package static func prepare(_ path: String, create: Bool, setting: StaticString) throws(Failure) -> String {
        let parts = path.split(separator: "/", omittingEmptySubsequences: true)
        guard let name = parts.last, name != ".", name != "..", !path.utf8.contains(0), !path.hasSuffix("/") else {
            throw .unsuitable("\(setting) \"\(path)\" names no file")
        }
        let root = path.hasPrefix("/") ? "/" : "./"
        let directory = root + parts.dropLast().joined(separator: "/")
        if create { try makeDirectories(parts.dropLast(), below: root) }
        guard let resolved = unsafe realpath(directory, nil) else {
            throw .system(code: errno, operation: "find the directory", path: directory)
        }
        defer { unsafe free(resolved) }
        let file = unsafe String(cString: resolved) + "/" + name
        if create { try makeFile(file) }
        try inspect(file, setting)
        return file
    }

    /// Whether there is anything of this name.
    package static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

    private static func makeDirectories(_ parts: ArraySlice<Substring>, below root: String) throws(Failure) {
        var path = root
        for part in parts {
            path += part
            if unsafe mkdir(path, 0o700) != 0 {
                let code = errno
                // Others may be there although this process may not write beside them.
                guard code == EEXIST || (code != ENOENT && isDirectory(path)) else {
                    throw .system(code: code, operation: "make the directory", path: path)
                }
            }
            path += "/"
        }
    }

    private static func isDirectory(_ path: String) -> Bool {
        var found = stat()
        return unsafe stat(path, &found) == 0 && found.st_mode & S_IFMT == S_IFDIR
    }

    private static func makeFile(_ file: String) throws(Failure) {
        let descriptor = unsafe open(file, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            let code = errno
            if code == EEXIST { return }
            throw .system(code: code, operation: "make the file", path: file)
        }
        // The mode is set again because a umask may have taken bits away that the owner needs.
        let code = fchmod(descriptor, 0o600) == 0 ? 0 : errno
        close(descriptor)
        guard code == 0 else { throw .system(code: code, operation: "set the mode of the file", path: file) }
    }

    private static func inspect(_ file: String, _ setting: StaticString) throws(Failure) {
        var found = stat()
        guard unsafe lstat(file, &found) == 0 else {
            throw .system(code: errno, operation: "find the file", path: file)
        }
        guard found.st_mode & S_IFMT == S_IFREG else {
            let kind = found.st_mode & S_IFMT == S_IFLNK ? "a symbolic link" : "no regular file"
            throw .unsuitable("\(file) is \(kind); set \(setting) to the file itself")
        }
        guard found.st_mode & S_IWOTH == 0 else {
            throw .unsafeMode("\(file) may be written by everybody on this machine; run: chmod 600 \(file)")
        }
    }
}
