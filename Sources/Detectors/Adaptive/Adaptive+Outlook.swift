internal import RealModule

extension Adaptive {
    /// The forecast, and the bounds that both members draw: the nearer of the two on each side.
    func outlook(_ state: State) -> Outlook {
        let left = max(0, Self.warmUp - Int(state.seen))
        if state.seen == 0 { return Outlook(expected: nil, lower: nil, upper: nil, warmUpLeft: left) }
        let change = ForecastWeights(state).mean(0, state.fast - state.last, state.slow - state.last)
        let expected = state.offset + Double(state.last + change)
        if left > 0 { return Outlook(expected: expected, lower: nil, upper: nil, warmUpLeft: left) }
        let width = Double(divisor) * unit(state.scale, state)
        var (lower, upper) = (expected - width, expected + width)
        if members == .residualAndBaseline {
            let slow = state.offset + Double(state.slow)
            let width = Double(Self.baselineDivisor) * unit(state.slowScale, state)
            // Far from its baseline a series may have no value that is not anomalous: then only the way back counts.
            lower = min(max(lower, slow - width), slow + width)
            upper = max(min(upper, slow + width), slow - width)
        }
        return Outlook(expected: expected, lower: lower, upper: upper, warmUpLeft: 0)
    }

    /// The equation of the score, solved for the residual whose raw score is 1.
    private func unit(_ scale: Number, _ state: State) -> Double {
        let range = Double(state.range)
        let tiny = Double(state.tiny)
        return Double.pow(Double(scale) + range * 0.001 + tiny, 0.85) * Double.pow(range + tiny, 0.15)
    }

    /// The forecast that the last value was held against, its residual, and the scales as they are after that value was
    /// learned, all in the unit of the signal; nothing before the first value.
    func reasons(_ state: State) -> [Reason] {
        if state.seen == 0 { return [] }
        return [
            Reason("forecast", state.offset + Double(state.last) - Double(state.lastError)),
            Reason("residual", Double(abs(state.lastError))),
            Reason("typical residual", Double(state.residual)),
            Reason("tail residual", Double(state.tail)),
            Reason("non-zero residual", Double(state.nonZero)),
            Reason("scale", Double(state.scale)),
            Reason("slow mean", state.offset + Double(state.slow)),
            Reason("distance from the slow mean", Double(abs(state.last - state.slow))),
            Reason("slow scale", Double(state.slowScale)),
            Reason("range", Double(state.range)),
        ]
    }
}
