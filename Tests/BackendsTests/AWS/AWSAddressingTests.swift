import Secrets
import Testing

@testable import Backends

@Suite("AWS: whose a secret is")
struct AWSAddressingTests {
    @Test(
        "a new secret's name can be read, and holds nothing that AWS refuses",
        arguments: [
            (SecretName(tenant: "", namespace: "company.team", key: "DB_PASSWORD"), "kestra/company.team/DB_PASSWORD"),
            (SecretName(tenant: "main", namespace: "a", key: "B"), "kestra/main/a/B"),
            (SecretName(tenant: "", namespace: "", key: "A"), "kestra/=/A"),
            (SecretName(tenant: "", namespace: "a", key: "b/c=d e"), "kestra/a/b=2Fc=3Dd=20e"),
            (SecretName(tenant: "", namespace: "a", key: "caf\u{e9}~\n"), "kestra/a/caf=C3=A9=7E=0A"),
            (SecretName(tenant: "", namespace: "a", key: "db-abc123"), "kestra/a/db-abc123/s"),
            (SecretName(tenant: "", namespace: "a", key: "db-abc12"), "kestra/a/db-abc12"),
        ]
    )
    func names(name: SecretName, expected: String) {
        #expect(AWSIdentity().newName(for: name) == expected)
        #expect(expected.utf8.allSatisfy(AWSNames.isPartOfName))
    }

    @Test("a configured prefix begins the name, and is the tag")
    func prefix() {
        let identity = AWSIdentity(prefix: "a b")
        let name = SecretName(tenant: "t", namespace: "n", key: "k")
        #expect(identity.newName(for: name) == "a=20b/t/n/k")
        #expect(identity.tags(of: name).contains(AWSTag(key: "prefix", value: "a b")))
    }

    @Test(
        "a filter says as much of a value as AWS lets it",
        arguments: [
            ("DB_PASSWORD", "DB_PASSWORD"), ("caf\u{e9}s", "caf"), ("a~b", "a"), ("a b:c/d+e=f@g", "a b:c/d+e=f@g"),
            ("!a", ""), ("\u{e9}", ""), ("a!b", "a!b"), ("", ""), ("a*", "a"),
        ]
    )
    func filters(value: String, expected: String) { #expect(AWSIdentity.filterValue(value) == expected) }

    @Test("labels are compared byte for byte")
    func bytes() {
        let composed = AWSTags([AWSTag(key: "caf\u{e9}", value: "caf\u{e9}")])
        #expect(composed["cafe\u{301}"] == nil)
        #expect(!composed.has(AWSTag(key: "caf\u{e9}", value: "cafe\u{301}")))
        #expect(composed.has(AWSTag(key: "caf\u{e9}", value: "caf\u{e9}")))
        let owner = AWSIdentity.Owner(namespace: "caf\u{e9}", key: "a", tenant: "caf\u{e9}")
        #expect(!owner.fits(namespace: "cafe\u{301}", key: "a"))
        #expect(owner.rank(for: "cafe\u{301}") == nil && owner.rank(for: "caf\u{e9}") == 0)
    }

    @Test("a secret without the labels is nobody's")
    func nobody() {
        let identity = AWSIdentity()
        #expect(identity.owner(AWSTags([])) == nil)
        #expect(identity.owner(AWSTags([AWSTag(key: "key", value: "a")])) == nil)
        #expect(identity.owner(AWSTags([AWSTag(key: "namespace", value: "a")])) == nil)
    }
}

@Suite("AWS: remembered places")
struct SecretDirectoryTests {
    private let start = BootInstant(nanoseconds: 1_000_000_000_000)

    private func place(_ arn: String, _ namespace: String = "n", _ key: String = "K") -> SecretDirectory.Place {
        .init(arn: arn, owner: .init(namespace: namespace, key: key, tenant: nil))
    }

    private func name(_ namespace: String = "n", _ key: String = "K") -> SecretName {
        SecretName(tenant: "t", namespace: namespace, key: key)
    }

    @Test("a place is believed for its time, an absence for less")
    func lifetimes() {
        let directory = SecretDirectory()
        #expect(directory.find(name(), at: start) == .unknown)
        directory.learn([place("1")], of: "K", at: start)
        #expect(directory.find(name(), at: start.advanced(by: .seconds(299))) == .at(place("1")))
        #expect(directory.find(name("other"), at: start.advanced(by: .milliseconds(499))) == .nowhere)
        #expect(directory.find(name("other"), at: start.advanced(by: .milliseconds(500))) == .unknown)
        #expect(directory.find(name(), at: start.advanced(by: .seconds(300))) == .unknown)
        #expect(directory.find(name("n", "OTHER"), at: start) == .unknown)
    }

    @Test("what we made stays although a listing does not show it, until listings must")
    func made() {
        let directory = SecretDirectory()
        directory.made(place("1"), at: start)
        directory.learn([], of: "K", at: start.advanced(by: .seconds(1)))
        #expect(directory.find(name(), at: start.advanced(by: .seconds(2))) == .at(place("1")))
        directory.learn([place("1")], of: "K", at: start.advanced(by: .seconds(3)))
        #expect(directory.find(name(), at: start.advanced(by: .seconds(4))) == .at(place("1")))
        directory.forget(place("1"))
        #expect(directory.find(name(), at: start.advanced(by: .seconds(4))) == .unknown)
        directory.made(place("2"), at: start)
        #expect(directory.find(name(), at: start.advanced(by: .seconds(301))) == .unknown)
    }

    @Test("two that fit equally well are ambiguous")
    func ambiguous() {
        let directory = SecretDirectory()
        directory.learn([place("2"), place("1"), place("3", "other")], of: "K", at: start)
        #expect(directory.find(name(), at: start) == .ambiguous(["1", "2"]))
        #expect(directory.find(name("other"), at: start) == .at(place("3", "other")))
    }

    @Test("the oldest makes room")
    func bounded() {
        var limits = SecretDirectory.Limits()
        limits.keys = 3
        limits.places = 2
        let directory = SecretDirectory(limits)
        for index in 0..<5 {
            directory.learn(
                [place("\(index)", "n", "K\(index)")],
                of: "K\(index)",
                at: start.advanced(by: .seconds(Int64(index)))
            )
        }
        #expect(directory.count == 3)
        #expect(directory.find(name("n", "K1"), at: start.advanced(by: .seconds(5))) == .unknown)
        #expect(directory.find(name("n", "K4"), at: start.advanced(by: .seconds(5))) == .at(place("4", "n", "K4")))
        directory.learn([place("1"), place("2", "o"), place("3", "p")], of: "K9", at: start)
        #expect(directory.count == 3)
    }
}
