internal import Dispatch

/// A place that an item is made in and taken from.
///
/// `failure` is written by the worker before `filled` is signalled and read by the consumer after it has waited, so
/// the semaphore orders all access.
final class PipelineSlot<Value: Sendable>: @unchecked Sendable {
    let value: Value
    let filled = DispatchSemaphore(value: 0)
    var failure: (any Error)?

    init(_ value: Value) {
        self.value = value
    }
}
