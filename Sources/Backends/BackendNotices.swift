/// Where a backend says what an operator should know although nothing failed. A line names keys and files, never a value.
package typealias BackendNotices = @Sendable (String) -> Void
