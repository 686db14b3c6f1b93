// swift-tools-version: 6.2
import PackageDescription

let features: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .enableUpcomingFeature("ImmutableWeakCaptures"),
]
/// Sources are checked for memory safety; in tests `#expect` would want `unsafe` too.
let settings = features + [.strictMemorySafety()]

/// A Swift module under Sources/NAME.
func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

/// The tests of one module, under Tests/NAMETests.
func tests(of name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource] = []) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: [.target(name: name), "TestSupport"] + dependencies,
        resources: resources, swiftSettings: features)
}

let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let heap = Target.Dependency.product(name: "HeapModule", package: "swift-collections")
let hummingbird = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let real = Target.Dependency.product(name: "RealModule", package: "swift-numerics")
let signals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")

let package = Package(
    name: "lapwing",
    products: [.executable(name: "lapwing", targets: ["lapwing"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections.git", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-numerics.git", from: "1.1.1"),
        .package(url: "https://github.com/hummingbird-project/hummingbird.git", from: "2.28.1", traits: []),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.13.0"),
    ],
    targets: [
        // The C libraries, each with one Swift module as its only door, and the generated wire schema.
        .systemLibrary(name: "CProtobufC", pkgConfig: "libprotobuf-c", providers: [.apt(["libprotobuf-c-dev"])]),
        .systemLibrary(name: "CSnappy", pkgConfig: "snappy", providers: [.apt(["libsnappy-dev"])]),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .target(name: "CRemoteWrite", dependencies: ["CProtobufC"], exclude: ["remote_write.proto", "regenerate"]),

        // The data path, in the order a sample walks it.
        module("TimeSeries"),
        module("RemoteWrite", ["TimeSeries", "CSnappy", "CZstd", "CRemoteWrite"]),
        module("SeriesIndexing", ["TimeSeries"]),
        module("Detectors", ["TimeSeries", real]),
        module("Histograms", ["TimeSeries", real]),
        module("Scoring", ["TimeSeries", "Detectors", heap]),
        module("Exposition", ["TimeSeries", "CZlib"]),

        // What is known of detectors: labelled series in files, and how good scores of them are.
        module("Datasets", ["TimeSeries"]),
        module("Evaluation", [real]),

        // The door, the wiring and the command.
        module("Web", [hummingbird, logging, nioCore, nioHTTP1, nioPosix]),
        module(
            "Sidecar",
            [
                "TimeSeries", "RemoteWrite", "SeriesIndexing", "Detectors", "Histograms", "Scoring", "Exposition",
                "Web",
                logging, nioCore, lifecycle, signals,
            ]),
        .executableTarget(
            name: "lapwing",
            dependencies: [
                "Datasets", "Detectors", "Evaluation", "RemoteWrite", "Scoring", "Sidecar", "TimeSeries", arguments,
                logging,
            ],
            swiftSettings: settings),

        // Tests, file for file.
        .target(
            name: "TestSupport", dependencies: ["TimeSeries", "CSnappy", "CZstd"], path: "Tests/TestSupport",
            swiftSettings: features),
        tests(of: "TimeSeries"),
        tests(of: "RemoteWrite", ["TimeSeries"], resources: [.copy("Captures")]),
        tests(of: "SeriesIndexing", ["TimeSeries"]),
        tests(of: "Detectors", ["TimeSeries"], resources: [.copy("References")]),
        tests(of: "Histograms", ["TimeSeries"], resources: [.copy("References")]),
        tests(of: "Scoring", ["TimeSeries", "Detectors"]),
        tests(of: "Exposition", ["TimeSeries"]),
        tests(of: "Datasets", ["TimeSeries"]),
        tests(of: "Evaluation", resources: [.copy("References")]),
        tests(of: "Web", [lifecycle, logging, nioCore, nioPosix]),
        tests(
            of: "Sidecar",
            [
                "TimeSeries", "RemoteWrite", "SeriesIndexing", "Detectors", "Histograms", "Scoring", "Exposition",
                "Web",
                logging, nioCore,
            ]),
        .testTarget(
            name: "EndToEndTests", dependencies: ["TestSupport", "lapwing"], swiftSettings: features),
    ],
    swiftLanguageModes: [.v6]
)

// Benchmarks are opt-in (BENCHMARKS=1 swift package benchmark), so that a plain build never resolves their packages.
if Context.environment["BENCHMARKS"] != nil {
    package.dependencies.append(
        .package(url: "https://github.com/ordo-one/benchmark.git", from: "1.38.1", traits: []))
    package.targets.append(
        .executableTarget(
            name: "DataPathBenchmarks",
            dependencies: [
                "Detectors", "Exposition", "RemoteWrite", "Scoring", "SeriesIndexing", "TestSupport", "TimeSeries",
                .product(name: "Benchmark", package: "benchmark"),
            ],
            path: "Tests/Benchmarks/DataPathBenchmarks",
            swiftSettings: features,
            plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]))
}
