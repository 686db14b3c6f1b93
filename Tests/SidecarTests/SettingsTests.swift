import Testing

@testable import Sidecar

@Suite struct SettingsTests {
    // MARK: Addresses

    @Test(arguments: [
        ("127.0.0.1:9599", "127.0.0.1", 9599), ("localhost:0", "localhost", 0),
        ("host.example:65535", "host.example", 65535),
        (":9599", "0.0.0.0", 9599), ("[::1]:80", "::1", 80), ("[::]:80", "::", 80),
    ]) func `reads an address`(text: String, host: String, port: Int) {
        let address = ListenAddress(text)
        #expect(address == ListenAddress(host: host, port: port))
        #expect(address.flatMap { ListenAddress($0.description) } == address)
    }

    @Test(arguments: [
        "", ":", "9599", "localhost", "localhost:", "localhost:x", "localhost:65536", "localhost:-1", "localhost:+80",
        "localhost: 80", "::1:80", "a:b:80", "localhost:99999999999999999999", "[]:80", "[::1]", "::1",
    ]) func `refuses what is no address`(text: String) {
        #expect(ListenAddress(text) == nil)
    }

    // MARK: Durations

    @Test(
        arguments: [
            ("0", 0), ("0s", 0), ("1ms", 1), ("500ms", 500), ("30s", 30_000), ("5m", 300_000), ("1h30m", 5_400_000),
            ("7d", 604_800_000), ("2w", 1_209_600_000), ("1y", 31_536_000_000), ("1d12h30m15s250ms", 131_415_250),
            ("90m", 5_400_000),
            ("1y2w3d4h5m6s7ms", 33_019_506_007), ("1m1ms", 60_001), ("9223372036854775807ms", Int64.max),
        ] as [(String, Int64)]) func `reads a duration as Prometheus does`(text: String, milliseconds: Int64)
    {
        let duration = Duration(prometheus: text)
        #expect(duration?.milliseconds == milliseconds)
        #expect(duration.flatMap { Duration(prometheus: $0.prometheus) } == duration)
    }

    @Test(arguments: [
        "", " ", "5", "s", "-5s", "+5s", "5 s", "1.5h", "30s5m", "1m1m", "5S", "5sec", "1h 30m", "00", "5ms1s", "1e3s",
        "٣s",
        "9223372036854775808ms", "99999999999y", "9223372036854775807ms1ms", "292471209y",
    ]) func `refuses what is no duration`(text: String) {
        #expect(Duration(prometheus: text) == nil)
    }

    @Test(
        arguments: [
            (0, "0s"), (1, "1ms"), (1_000, "1s"), (60_000, "1m"), (5_400_000, "1h30m"), (604_800_000, "7d"),
            (86_461_001, "1d1m1s1ms"),
        ] as [(Int64, String)]) func `writes a duration as Prometheus does`(milliseconds: Int64, text: String)
    {
        #expect(Duration.milliseconds(milliseconds).prometheus == text)
    }

    // MARK: Sizes

    @Test(arguments: [
        ("0", 0), ("1", 1), ("1024", 1024), ("10B", 10), ("1KB", 1024), ("1KiB", 1024), ("1kib", 1024),
        ("32MiB", 32 << 20),
        ("64MB", 64 << 20), ("1GB", 1 << 30), ("2GiB", 2 << 30), ("9223372036854775807", Int.max),
        ("8589934591GiB", 8_589_934_591 << 30),
    ]) func `reads a size`(text: String, bytes: Int) {
        let size = ByteCount(text)
        #expect(size?.bytes == bytes)
        #expect(size.flatMap { ByteCount($0.description) } == size)
    }

    @Test(arguments: [
        "", "MiB", "-1", "+1", "1.5MiB", "1 MiB", "1TiB", "1MiBs", "0x10", "9223372036854775808", "8589934592GiB", "٣",
    ]) func `refuses what is no size`(text: String) {
        #expect(ByteCount(text) == nil)
    }

    @Test(arguments: [
        (0, "0"), (1, "1"), (1023, "1023"), (1024, "1KiB"), (1536, "1536"), (3 << 20, "3MiB"), (1 << 30, "1GiB"),
    ])
    func `writes a size in the largest unit that fits`(bytes: Int, text: String) {
        #expect(ByteCount(bytes).description == text)
    }
}
