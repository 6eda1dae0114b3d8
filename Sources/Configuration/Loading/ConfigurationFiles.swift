internal import Glibc

/// What `kestra.configurations.delete-files-on-start` asks for.
package enum ConfigurationFiles {
    /// Deletes the files that a configuration was read from. Call once the start has succeeded.
    ///
    /// Links stay, because what they point at may be somebody else's; so does what a read-only mount holds.
    ///
    /// - Returns: one line for each file that is still there.
    package static func delete(_ files: [String]) -> [ConfigurationProblem] {
        files.compactMap { file in
            delete(file).map { ConfigurationProblem(file: file, message: "was not deleted: \($0)") }
        }
    }

    private static func delete(_ file: String) -> String? {
        var status = stat()
        guard unsafe lstat(file, &status) == 0 else { return FileError.text(errno) }
        switch status.st_mode & S_IFMT {
        case S_IFREG: break
        case S_IFLNK: return "it is a link"
        default: return "it is no regular file"
        }
        return unsafe unlink(file) == 0 ? nil : FileError.text(errno)
    }
}
