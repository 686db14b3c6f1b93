# Reads /metrics and writes a line a score: the score, the job, and the series in its own words, apart by tabs.
# What every line shares (detector, instance, job) is left out of the series; what tells series apart stays.

index($0, "anomaly_score{") == 1 {
    rest = substr($0, length("anomaly_score{") + 1)
    name = job = labels = ""
    # A label at a time, because a quoted value may hold commas, braces and spaces.
    while (match(rest, /^("([^"\\]|\\.)*"|[a-zA-Z_][a-zA-Z0-9_]*)="([^"\\]|\\.)*",?/)) {
        pair = substr(rest, 1, RLENGTH)
        rest = substr(rest, RLENGTH + 1)
        sub(/,$/, "", pair)
        if (pair ~ /^source_metric=/) name = unquoted(pair)
        else if (pair ~ /^job=/) job = unquoted(pair)
        else if (pair !~ /^(detector|instance)=/) labels = labels (labels == "" ? "" : ",") pair
    }
    score = rest
    sub(/^} */, "", score)
    sub(/ .*/, "", score)
    if (score ~ /^[+]?Inf$/) score = 1e308
    if (score ~ /^[0-9.]+([eE][-+]?[0-9]+)?$/)
        printf "%.6g\t%s\t%s\n", score, job, name (labels == "" ? "" : "{" labels "}")
}

function unquoted(pair) {
    sub(/^[^=]*="/, "", pair)
    sub(/"$/, "", pair)
    return pair
}
