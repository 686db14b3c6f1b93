import Detectors
import TestSupport
import Testing
import TimeSeries

@testable import Scoring

@Suite struct DetectionPlanTests {
    private static func plan() throws -> DetectionPlan {
        var plan = DetectionPlan()
        try plan.add(parsing: #"{job="batch"} => direction=above"#)
        try plan.add(parsing: #"errors_total{code=~"5.."} => sensitivity=2"#)
        try plan.add(parsing: #"{text="a => b"}=>sensitivity=3"#)
        return plan
    }

    private func policy(_ labels: [(String, String)], _ plan: DetectionPlan) -> Int {
        var chooser = plan.chooser
        return chooser.policy(for: Labels(labels.map { (name: $0.0, value: $0.1) }).block.span)
    }

    @Test func `the first selector that fits decides, none is the default`() throws {
        let plan = try Self.plan()
        #expect(plan.policies.map(\.sensitivity) == [1, 1, 2, 3])
        #expect(policy([("__name__", "errors_total"), ("code", "500"), ("job", "batch")], plan) == 1)
        #expect(policy([("__name__", "errors_total"), ("code", "500"), ("job", "api")], plan) == 2)
        #expect(policy([("__name__", "errors_total"), ("code", "404")], plan) == 0)
        #expect(policy([("__name__", "up"), ("text", "a => b")], plan) == 3)
    }

    @Test(arguments: [
        ("up", "no \"=>\""), ("{} => sensitivity=2", "selector"), ("up{ => sensitivity=2", "selector"),
        ("up => sensitivity=99", "0.1 to 10"),
    ])
    func `says what is wrong with a selection`(text: String, words: String) {
        var plan = DetectionPlan()
        let error = #expect(throws: PolicyError.self) { try plan.add(parsing: text) }
        #expect(error?.description.contains(words) == true)
        #expect(plan.policies.count == 1)
    }

    @Test func `refuses more selections than the limit`() throws {
        var plan = DetectionPlan()
        for number in 0..<DetectionPlan.selectionLimit { try plan.add(parsing: "metric_\(number) => sensitivity=2") }
        #expect(throws: PolicyError.self) { try plan.add(parsing: "one_more => sensitivity=2") }
    }

    @Test func `series of different policies are judged side by side in one shard`() throws {
        var plan = DetectionPlan()
        try plan.add(parsing: "a => direction=below")
        let board = try ScoreBoard(plan)
        let (plain, below) = (SeriesID(shard: 3, row: 0), SeriesID(shard: 3, row: 1))
        board.begin(plain, name: "b", policy: 0, now: at(0))
        board.begin(below, name: "a", policy: 1, now: at(0))
        var numbers = SeededRandom(seed: 5)
        for second in 0..<100 {
            let value = 100 + numbers.noise() + (second == 99 ? 500 : 0)
            var request = Request(plain, [(Double(second), value)])
            request.add(below, [(Double(second), value)])
            let counts = board.score(request)
            #expect(counts[.scored] + counts[.warmingUp] == 2)
        }
        let scores = [plain, below].map { board.explain($0)?.score ?? -1 }
        #expect(scores[0] > 1)
        #expect(scores[1] == 0)
        #expect(board.explain(below)?.policy.direction == .below)
        let exposed = board.exposed(.all, since: at(0), now: at(100))[3]
        #expect(exposed.rows == [0, 1])
        #expect(exposed.lanes == [0, 1])
    }

    @Test func `a row that is used again takes the policy of its new series and none of the learning`() throws {
        var plan = DetectionPlan()
        try plan.add(parsing: "a => direction=below")
        let board = try ScoreBoard(plan)
        let id = SeriesID(shard: 0, row: 0)
        board.begin(id, name: "a", policy: 1, now: at(1))
        for second in 1..<60 { board.score(Request(id, [(Double(second), Double(second % 7))]), now: at(1)) }
        #expect(board.explain(id)?.outlook.warmUpLeft == 0)
        #expect(board.forgetIdle(shard: 0, before: at(1000)).rows == [0])
        board.begin(id, name: "b", policy: 0, now: at(2000))
        #expect(board.explain(id)?.policy.direction == .both)
        #expect(board.explain(id)?.outlook.warmUpLeft == 31)
    }
}
