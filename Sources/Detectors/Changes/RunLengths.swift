internal import RealModule

/// How long ago the last change was, as probabilities: Bayesian online change point detection on given numbers.
///
/// Adams and MacKay, Bayesian Online Changepoint Detection (arXiv 0710.3742), with normal numbers of unknown mean and
/// variance in each run, so Student's t is what a run predicts, and a hazard that is the same for every number. Runs of
/// more than 199 numbers count as 199 long: the two that meet there are merged by their weight, and forget as they
/// learn.
/// - Complexity: O(199) a number; 2.4 KB.
struct RunLengths: BitwiseCopyable, Sendable {
    static var capacity: Int { 200 }

    /// By run length, how probable it is that the current run has that many numbers.
    private var weights = InlineArray<200, Float>(repeating: 0)
    private var means = InlineArray<200, Float>(repeating: 0)
    private var betas = InlineArray<200, Float>(repeating: 0)

    init(_ prior: Prior) {
        weights[0] = 1
        for r in 0..<Self.capacity { betas[r] = prior.beta }
    }

    /// The normal-inverse-gamma prior of a run, and what follows from it for each run length.
    struct Prior: Sendable {
        let hazard: Float
        let kappa: Float
        let alpha: Float
        let beta: Float
        /// log2 of the constant in Student's t, without the root of the freedom times the squared scale.
        fileprivate var constants = InlineArray<200, Float>(repeating: 0)

        init(hazard: Double, kappa: Double = 0.1, alpha: Double = 1, beta: Double = 1) {
            self.hazard = Float(hazard)
            self.kappa = Float(kappa)
            self.alpha = Float(alpha)
            self.beta = Float(beta)
            for r in 0..<RunLengths.capacity {
                let freedom = 2 * alpha + Double(r)
                let natural =
                    Double.logGamma((freedom + 1) / 2) - Double.logGamma(freedom / 2)
                    - 0.5 * Double.log(Double.pi)
                constants[r] = Float(natural / Double.log(2))
            }
        }
    }

    /// The probability that the current run has so many numbers, the newest one included. That there will be a change
    /// after the newest is left out, for it is always the hazard.
    func mass(_ lengths: ClosedRange<Int>) -> Float {
        let weights = weights
        var sum: Float = 0
        for r in lengths { sum += weights[r] }
        return min(1, sum / (1 - weights[0]))
    }

    /// The most probable run length.
    var mostProbable: Int {
        let weights = weights
        var best = 1
        for r in 2..<Self.capacity where weights[r] > weights[best] { best = r }
        return best
    }

    /// The mean of the run of that length.
    func mean(of length: Int) -> Float { means[length] }

    mutating func add(_ x: Float, _ prior: Prior) {
        let joint = joint(x, prior)
        let total = joint.total
        // Copies and spans: indexing a stored array of this size costs a copy of it each time.
        var oldMeans = means
        var oldBetas = betas
        Self.learn(x, prior, &oldMeans, &oldBetas)

        // Every run is one longer; those that meet at the greatest length become one.
        let last = Self.capacity - 1
        let merged = joint.weights[last - 1] + joint.weights[last]
        let share = merged > 0 ? joint.weights[last] / merged : 0
        let growth = (1 - prior.hazard) / total
        var newWeights = InlineArray<200, Float>(repeating: 0)
        var newMeans = InlineArray<200, Float>(repeating: 0)
        var newBetas = InlineArray<200, Float>(repeating: 0)
        do {
            let (fromWeights, fromMeans, fromBetas) = (joint.weights.span, oldMeans.span, oldBetas.span)
            var toWeights = newWeights.mutableSpan
            for r in 1..<last { toWeights[r] = fromWeights[r - 1] * growth }
            toWeights[0] = prior.hazard
            toWeights[last] = merged * growth
            var toMeans = newMeans.mutableSpan
            for r in 1..<last { toMeans[r] = fromMeans[r - 1] }
            toMeans[last] = fromMeans[last - 1] + share * (fromMeans[last] - fromMeans[last - 1])
            var toBetas = newBetas.mutableSpan
            for r in 1..<last { toBetas[r] = fromBetas[r - 1] }
            toBetas[0] = prior.beta
            toBetas[last] = fromBetas[last - 1] + share * (fromBetas[last] - fromBetas[last - 1])
        }
        weights = newWeights
        means = newMeans
        betas = newBetas
    }

    /// The probability of each run times what it predicts for the number, and their sum.
    @inline(__always)
    private func joint(_ x: Float, _ prior: Prior) -> (weights: InlineArray<200, Float>, total: Float) {
        var joint = InlineArray<200, Float>(repeating: 0)
        let (oldWeights, oldMeans, oldBetas, oldConstants) = (weights, means, betas, prior.constants)
        let (weights, means, betas, constants) = (oldWeights.span, oldMeans.span, oldBetas.span, oldConstants.span)
        var result = joint.mutableSpan
        var total: Float = 0
        for r in 0..<Self.capacity {
            let length = Float(Int32(truncatingIfNeeded: r))
            let freedom = 2 * prior.alpha + length
            let kappa = prior.kappa + length
            // Of Student's t: the freedom is 2 alpha, and this the freedom times the squared scale.
            let spread = 2 * betas[r] * (kappa + 1) / kappa
            let distance = x - means[r]
            let power =
                constants[r] - 0.5 * spread.quickLog2
                - 0.5 * (freedom + 1) * (1 + distance * distance / spread).quickLog2
            result[r] = weights[r] * (power > -126 ? power : -126).quickExp2
        }
        // Apart, for a sum has an order and would keep the loop above from running eight at a time.
        for r in 0..<Self.capacity { total += result[r] }
        return (joint, total)
    }

    @inline(__always)
    private static func learn(
        _ x: Float, _ prior: Prior, _ means: inout InlineArray<200, Float>, _ betas: inout InlineArray<200, Float>
    ) {
        var means = means.mutableSpan
        var betas = betas.mutableSpan
        for r in 0..<capacity {
            let kappa = prior.kappa + Float(Int32(truncatingIfNeeded: r))
            let distance = x - means[r]
            let step = distance / (kappa + 1)
            means[r] += step
            betas[r] += 0.5 * kappa * distance * step
        }
        // At the greatest length alpha no longer grows, so beta must not either.
        let last = capacity - 1
        let alpha = prior.alpha + 0.5 * Float(last)
        betas[last] *= alpha / (alpha + 0.5)
    }
}
