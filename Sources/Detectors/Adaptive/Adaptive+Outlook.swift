internal import RealModule

extension Adaptive {
    func outlook(_ state: State, divisor: Float) -> Outlook {
        let left = max(0, Self.warmUp - Int(state.seen))
        if state.seen == 0 { return Outlook(expected: nil, lower: nil, upper: nil, warmUpLeft: left) }
        let change = ForecastWeights(state).mean(0, state.fast - state.last, state.slow - state.last)
        let expected = state.offset + Double(state.last + change)
        if left > 0 { return Outlook(expected: expected, lower: nil, upper: nil, warmUpLeft: left) }
        // The equation of the score, solved for the residual at which it is 1.
        let range = Double(state.range)
        let tiny = Double(state.tiny)
        let scale = Double(state.scale) + range * 0.001 + tiny
        let residual = Double(divisor) * Double.pow(scale, 0.85) * Double.pow(range + tiny, 0.15)
        return Outlook(expected: expected, lower: expected - residual, upper: expected + residual, warmUpLeft: 0)
    }

    /// The forecast that the last value was held against, its residual, and the scales as they are after that value was
    /// learned, all in the unit of the signal; nothing before the first value.
    func reasons(_ state: State) -> [Reason] {
        if state.seen == 0 { return [] }
        return [
            Reason("forecast", state.offset + Double(state.forecast)),
            Reason("residual", Double(abs(state.last - state.forecast))),
            Reason("typical residual", Double(state.residual)),
            Reason("tail residual", Double(state.tail)),
            Reason("non-zero residual", Double(state.nonZero)),
            Reason("scale", Double(state.scale)),
            Reason("range", Double(state.range)),
        ]
    }
}
