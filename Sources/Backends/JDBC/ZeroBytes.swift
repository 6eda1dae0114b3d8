internal import Secrets

// Texts of some databases can hold any character but this one.

extension String {
    var isFreeOfZeros: Bool { !utf8.contains(0) }
}

extension SecretName {
    var isFreeOfZeros: Bool { [tenant, namespace, key].allSatisfy(\.isFreeOfZeros) }
}

extension SecretWrite {
    /// Why databases would not take what stands beside the value.
    var objectionOfTexts: BackendError? {
        let texts = [description ?? ""] + tags.flatMap { [$0.key, $0.value] }
        guard name.isFreeOfZeros, texts.allSatisfy(\.isFreeOfZeros) else {
            return .unsupported(detail: "names, tags and descriptions cannot hold a zero byte here")
        }
        return nil
    }
}
