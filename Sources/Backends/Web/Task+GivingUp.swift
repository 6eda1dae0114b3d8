internal import EventLoop
internal import Secrets

extension Task where Failure == Never {
    /// Waits for work that others wait for too. Who is cancelled leaves at once; the work goes on for the others.
    func valueUnlessGivenUp<Value: Sendable>() async throws(BackendError) -> Value
    where Success == Result<Value, BackendError> {
        let call = PendingCall<Value, BackendError>()
        Task<Void, Never> {
            switch await self.value {
            case .success(let value): call.succeed(value)
            case .failure(let error): call.fail(error)
            }
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { call.wait($0) }
        } onCancel: {
            call.fail(.unavailable(detail: "the caller gave up"))
        }
        return try call.take()
    }
}
