# Reads the figures of blast, one file a run named COLUMN-RUN.figures, and prints a row a question and a column a server.
# With more than one column, the last tells how many times better the first is than each other.

FNR == 1 {
    column = FILENAME
    sub(/.*\//, "", column)
    sub(/-.*/, "", column)
    column += 0
}
{ figure[$1] = $2 }
$1 == "peak_kib" { # the last line of a run
    best("known_cpu", figure["known_samples"] / figure["known_cpu_seconds"] / 1e6, 1)
    best("known_wall", figure["known_samples"] / figure["known_wall_seconds"] / 1e6, 1)
    best("new_cpu", figure["new_samples"] / figure["new_cpu_seconds"] / 1e3, 1)
    best("new_wall", figure["new_samples"] / figure["new_wall_seconds"] / 1e3, 1)
    best("peak", figure["peak_kib"] / 1024, 0)
    best("bytes", (figure["resident_after_kib"] - figure["resident_before_kib"]) * 1024 / series, 0)
    best("p50", figure["known_write_p50_ms"], 0)
    best("p99", figure["known_write_p99_ms"], 0)
    if ("scrape_count" in figure) {
        best("scrapes", figure["scrape_count"], 1)
        best("scrape_bytes", figure["scrape_bytes"] / 1e6, 0)
        best("scrape_p50", figure["scrape_p50_ms"], 0)
        best("scrape_p99", figure["scrape_p99_ms"], 0)
    }
    split("", figure)
}

END {
    count = split(columns, title, "|")
    heading = sprintf("%-44s", "")
    for (c = 1; c <= count; c++) heading = heading sprintf("  %16s", title[c])
    for (c = 2; c <= count; c++) heading = heading sprintf("  %16s", "ratio to " (count == 2 ? "it" : c))
    print heading
    row("known_cpu", "million known samples per CPU-second", "%.2f", 1)
    row("known_wall", "million known samples per second", "%.2f", 1)
    row("new_cpu", "thousand new series per CPU-second", "%.0f", 1)
    row("new_wall", "thousand new series per second", "%.0f", 1)
    row("peak", "peak resident memory, MiB", "%.0f", 0)
    row("bytes", "resident bytes a series, after all", "%.0f", 0)
    row("p50", "wait for a write's answer, median, ms", "%.2f", 0)
    row("p99", "wait for a write's answer, p99, ms", "%.2f", 0)
    row("scrapes", "scrapes meanwhile", "%.0f", 0)
    row("scrape_bytes", "a scrape's size, MB", "%.2f", 0)
    row("scrape_p50", "wait for a scrape, median, ms", "%.1f", 0)
    row("scrape_p99", "wait for a scrape, p99, ms", "%.1f", 0)
}

# Keeps the best of a server's runs, the highest or the lowest.
function best(name, number, highest) {
    asked[name]
    if (!((name, column) in value) || (highest ? number > value[name, column] : number < value[name, column]))
        value[name, column] = number
}

function row(name, text, format, with_ratio,    line, c) {
    if (!(name in asked)) return
    line = sprintf("%-44s", text)
    for (c = 0; c < count; c++) line = line sprintf("  %16s", (name, c) in value ? sprintf(format, value[name, c]) : "-")
    for (c = 1; c < count && with_ratio; c++)
        line = line sprintf("  %16s", value[name, c] > 0 ? sprintf("%.1f x", value[name, 0] / value[name, c]) : "")
    print line
}
