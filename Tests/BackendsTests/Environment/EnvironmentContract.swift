import Backends
import Configuration

extension ContractSubject {
    static let environment = ContractSubject("The environment", ContractPromise.readOnly) {
        let environment: FixedEnvironment = [
            "SECRET_DB_PASSWORD": "Y29ycmVjdCBob3JzZQ==", "SECRET_ALPHA": "", "SECRET_alphabet": "YQ==",
            "SECRET_BETA": "YQ", "OTHER": "YQ==", "secret_lower": "YQ==",
        ]
        return BackendContract(
            backend: try EnvironmentBackend(environment: environment),
            known: (name: name("DB_PASSWORD"), value: Array("correct horse".utf8)),
            keys: ["ALPHA", "ALPHABET", "BETA", "DB_PASSWORD"],
            prefixes: ["ALPHA": ["ALPHA", "ALPHABET"], "alphab": ["ALPHABET"], "Z": []],
            foldsCase: true,
            ignoresNamespaces: true
        )
    }
}
