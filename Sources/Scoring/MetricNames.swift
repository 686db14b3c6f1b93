internal import Synchronization
package import TimeSeries

/// The names of metrics, numbered, with what metadata says of each.
///
/// Rows keep the number. When metadata says something new the generation grows, and each shard looks through its rows
/// once: metadata comes rarely, samples do not wait for it.
package final class MetricNames: Sendable {
    /// The number of a series that was not registered yet, or whose name found no room.
    package static let unnamed: UInt32 = 0

    /// More names than this get no number of their own, more families no type: the name alone then decides.
    package static let limit = 1 << 18

    private struct State {
        var ids: [String: UInt32] = [:]
        var names: [String] = [""]
        var choices: [SignalChoice] = [.valueByDefault]
        var declared: [String: MetricType] = [:]
    }

    private let state = Mutex(State())
    private let changes = Atomic<UInt32>(0)

    package init() {}

    /// Grows when ``choices`` of a known name change.
    package var generation: UInt32 { changes.load(ordering: .acquiring) }

    /// What to look at, by a name's number.
    package var choices: [SignalChoice] { state.withLock { $0.choices } }

    /// Families whose type is known.
    package var declaredCount: Int { state.withLock { $0.declared.count } }

    package func name(_ id: UInt32) -> String {
        state.withLock { Int(id) < $0.names.count ? $0.names[Int(id)] : "" }
    }

    /// What metadata says of a metric; of its family where it says nothing of the very name.
    package func type(of name: String) -> MetricType {
        state.withLock { Self.type(of: name, in: $0.declared) }
    }

    private static func type(of name: String, in declared: [String: MetricType]) -> MetricType {
        if let type = declared[name] { return type }
        // Of a gauge `x` there is no `x_total`: a metric of that name is another, and may be a counter.
        guard let suffix = CounterSuffix(name), let family = CounterSuffix.family(of: name),
            let type = declared[family], suffix.isPart(of: type)
        else { return .unknown }
        return type
    }

    /// The number of a name, and what to look at in its series.
    package func intern(_ name: String) -> (id: UInt32, choice: SignalChoice) {
        state.withLock { state in
            if let id = state.ids[name] { return (id, state.choices[Int(id)]) }
            let choice = SignalChoice(metricName: name, type: Self.type(of: name, in: state.declared))
            guard state.names.count < Self.limit else { return (Self.unnamed, choice) }
            let id = UInt32(truncatingIfNeeded: state.names.count)
            state.ids[name] = id
            state.names.append(name)
            state.choices.append(choice)
            return (id, choice)
        }
    }

    /// Learns what metadata says of a family, or of one metric.
    package func declare(_ family: String, as type: MetricType) {
        guard type != .unknown else { return }
        let changed = state.withLock { state in
            guard state.declared[family] != type else { return false }
            guard state.declared[family] != nil || state.declared.count < Self.limit else { return false }
            state.declared[family] = type
            var changed = false
            for name in [family] + CounterSuffix.allCases.map({ family + $0.rawValue }) {
                guard let id = state.ids[name] else { continue }
                let choice = SignalChoice(metricName: name, type: Self.type(of: name, in: state.declared))
                if choice != state.choices[Int(id)] {
                    state.choices[Int(id)] = choice
                    changed = true
                }
            }
            return changed
        }
        if changed { changes.wrappingAdd(1, ordering: .releasing) }
    }
}
