import Detectors
import Testing

@testable import Scoring

@Suite struct DetectionPolicyTests {
    @Test func `nothing written is the default`() throws {
        let policy = try DetectionPolicy(parsing: "")
        #expect(policy == DetectionPolicy())
        #expect(policy.isPlain)
        #expect(policy.detector.description == "adaptive")
    }

    @Test func `reads every key`() throws {
        let policy = try DetectionPolicy(
            parsing: """
                detector=adaptive(), sensitivity=1.5, direction=above, min_deviation=2, min_relative_deviation=0.2, \
                valid_min=-1, valid_max=100, familiarity=4
                """)
        #expect(policy.sensitivity == 1.5)
        #expect(policy.direction == .above)
        #expect(policy.minimumDeviation == 2)
        #expect(policy.minimumRelativeDeviation == 0.2)
        #expect(policy.validRange == -1...100)
        #expect(policy.familiarity == .budget(4))
        #expect(!policy.isPlain)
        #expect(try DetectionPolicy(parsing: "familiarity=off").familiarity == .off)
    }

    @Test func `what is not written stays as in the base`() throws {
        let base = try DetectionPolicy(parsing: "sensitivity=2, direction=below")
        let policy = try DetectionPolicy(parsing: "direction=above", base: base)
        #expect(policy.sensitivity == 2)
        #expect(policy.direction == .above)
    }

    @Test(arguments: [
        ("sensitivity=0", "0.1 to 10"), ("sensitivity=11", "0.1 to 10"), ("sensitivity=nan", "0.1 to 10"),
        ("direction=up", "both, above or below"), ("min_deviation=-1", "0.0 to"), ("familiarity=0", "1 to 1000"),
        ("valid_min=2, valid_max=1", "valid_min must be below valid_max"),
        ("valid_min=1, valid_max=1", "valid_min must be below valid_max"),
        ("detector=nope", "there are adaptive"), ("detector=adaptive(window=3)", "no parameter \"window\""),
        ("timezone=UTC", "no parameter \"timezone\""), ("colour=red", "keys are detector, sensitivity"),
        ("sensitivity", "no key=value"), ("sensitivity=1, sensitivity=2", "set twice"),
    ])
    func `says what is allowed when a value is not`(text: String, words: String) {
        let error = #expect(throws: PolicyError.self) { try DetectionPolicy(parsing: text) }
        #expect(error?.description.contains(words) == true, "\(error?.description ?? "no error")")
    }

    @Test func `scores only the direction that is wanted`() throws {
        for (direction, above, below) in [("both", Float(2), Float(2)), ("above", 2, 0), ("below", 0, 2)] {
            let policy = try DetectionPolicy(parsing: "direction=\(direction)")
            #expect(policy.score(Judgement(score: 2, deviation: 5), of: 15) == above)
            #expect(policy.score(Judgement(score: 2, deviation: -5), of: 5) == below)
            #expect(policy.score(Judgement(score: 2, deviation: .nan), of: 5) == 2, "it has no direction")
        }
    }

    @Test func `scores only deviations that are large enough`() throws {
        let absolute = try DetectionPolicy(parsing: "min_deviation=5")
        let relative = try DetectionPolicy(parsing: "min_relative_deviation=0.5")
        for (deviation, isAbsolute, isRelative) in [
            (4.9, false, false), (5.0, true, true), (-4.9, false, false), (-5, true, true),
        ] {
            let judgement = Judgement(score: 2, deviation: Float(deviation))
            #expect(absolute.score(judgement, of: 10 + deviation) == (isAbsolute ? 2 : 0))
            #expect(relative.score(judgement, of: 10 + deviation) == (isRelative ? 2 : 0))
        }
    }

    @Test func `a value outside the valid range is anomalous whatever the detector says`() throws {
        let policy = try DetectionPolicy(parsing: "valid_min=0, valid_max=1, direction=above")
        for (value, expected) in [(-0.1, Float(1.01)), (0, 0.2), (1, 0.2), (1.1, 1.01)] {
            #expect(policy.score(Judgement(score: 0.2, deviation: 0.1), of: value) == expected)
        }
        #expect(policy.score(Judgement(score: 3, deviation: 0.1), of: 2) == 3)
        #expect(policy.score(.warmingUp, of: 2).isNaN)
    }

    @Test func `sensitivity multiplies, up to the limit of all scores`() throws {
        let policy = try DetectionPolicy(parsing: "sensitivity=2")
        #expect(policy.score(Judgement(score: 0.6, deviation: 1), of: 1) == 1.2)
        #expect(policy.score(Judgement(score: 900, deviation: 1), of: 1) == CalibratedScore.limit)
    }
}
