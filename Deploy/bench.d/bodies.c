// bodies: makes remote write request bodies for the ingest benchmark, without network and without a real sender.
//
// usage: bodies OUT SERIES STEPS PER_REQUEST VERSION(1|2)
//
// Series look like a Kubernetes cluster's: ten labels, about 250 bytes of label text, one sample a series and request,
// 15 seconds apart, the last one now. They follow from their number alone, so every run has the same series. The file
// is one body after another, each behind its length (little-endian, 32 bits); the requests of a step follow each other.
#include <inttypes.h>
#include <math.h>
#include <snappy-c.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { labels_a_series = 10, step_milliseconds = 15000, room_for_text = 128 };

// --- Bytes that grow -------------------------------------------------------------------------------------------------

typedef struct {
    char *start;
    size_t size, room;
} Bytes;

static void append(Bytes *bytes, const void *data, size_t size) {
    if (bytes->size + size > bytes->room) {
        bytes->room = 2 * (bytes->size + size);
        bytes->start = realloc(bytes->start, bytes->room);
        if (!bytes->start) abort();
    }
    memcpy(bytes->start + bytes->size, data, size);
    bytes->size += size;
}

static void append_varint(Bytes *bytes, uint64_t value) {
    uint8_t digits[10];
    size_t count = 0;
    do {
        digits[count++] = (value & 127) | (value > 127 ? 128 : 0);
        value >>= 7;
    } while (value);
    append(bytes, digits, count);
}

// A length-delimited protobuf field.
static void append_field(Bytes *bytes, unsigned number, const void *data, size_t size) {
    append_varint(bytes, number << 3 | 2);
    append_varint(bytes, size);
    append(bytes, data, size);
}

// --- The series ------------------------------------------------------------------------------------------------------

// The number that a series' random parts are made of: SplitMix64, by position.
static uint64_t noise(uint64_t position) {
    uint64_t z = (position + 1) * 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

static double fraction(uint64_t bits) { return ((bits >> 11) + 1) * 0x1p-53; }

typedef struct {
    const char *name;
    char value[room_for_text];
} Label;

__attribute__((format(printf, 3, 4))) static void set(Label *label, const char *name, const char *format, ...) {
    va_list values;
    va_start(values, format);
    label->name = name;
    vsnprintf(label->value, sizeof label->value, format, values);
    va_end(values);
}

// The labels of a series, sorted by name as a sender must send them.
static void describe(uint64_t i, Label labels[labels_a_series]) {
    static const char *const metrics[] = {
        "container_cpu_usage_seconds:rate", "container_memory_working_set_bytes", "http_requests:rate5m",
        "node_disk_io_time:rate", "go_goroutines",
    };
    uint64_t pod = noise(2 * i), metric = noise(2 * i + 1);
    set(labels + 0, "__name__", "%s", metrics[metric % 5]);
    set(labels + 1, "cluster", "eu-west-1-prod");
    set(labels + 2, "container", "app-%" PRIu64, i % 40);
    set(labels + 3, "endpoint", "https-metrics");
    set(labels + 4, "instance", "10.%" PRIu64 ".%" PRIu64 ".%" PRIu64 ":9100", i >> 16 & 255, i >> 8 & 255, i & 255);
    set(labels + 5, "job", "kubelet");
    set(labels + 6, "namespace", "team-%" PRIu64, i % 23);
    set(labels + 7, "node", "ip-10-0-%" PRIu64 "-%" PRIu64 ".compute.internal", i % 97, i % 61);
    set(labels + 8, "pod", "app-%" PRIu64 "-%010" PRIx64 "-%05" PRIx64, i % 40, pod & 0xFFFFFFFFFF, pod >> 44);
    set(labels + 9, "service", "kube-prometheus-kubelet");
}

// A wave of the series' own phase with normal noise on it (Box and Muller's way).
static double value(uint64_t i, uint64_t t) {
    uint64_t position = 2 * (i * 1000003 + t) + 0x40000000000;
    double normal = sqrt(-2 * log(fraction(noise(position)))) * cos(2 * M_PI * fraction(noise(position + 1)));
    return 50 + 20 * sin(t / 40.0 + i) + 3 * normal;
}

static void append_sample(Bytes *series, double value, uint64_t milliseconds) {
    static Bytes sample;
    sample.size = 0;
    append(&sample, "\x09", 1);
    append(&sample, &value, sizeof value);
    append(&sample, "\x10", 1);
    append_varint(&sample, milliseconds);
    append_field(series, 2, sample.start, sample.size);
}

// --- Remote write 1.0: the labels as text in every request -------------------------------------------------------------

// The label fields of all series, made once, because they are the same in every request.
static Bytes blocks;
static size_t *block_starts;

static void make_blocks(uint64_t count) {
    Label labels[labels_a_series];
    Bytes label = {0};
    block_starts = malloc((count + 1) * sizeof *block_starts);
    if (!block_starts) abort();
    for (uint64_t i = 0; i < count; i++) {
        block_starts[i] = blocks.size;
        describe(i, labels);
        for (int l = 0; l < labels_a_series; l++) {
            label.size = 0;
            append_field(&label, 1, labels[l].name, strlen(labels[l].name));
            append_field(&label, 2, labels[l].value, strlen(labels[l].value));
            append_field(&blocks, 1, label.start, label.size);
        }
    }
    block_starts[count] = blocks.size;
    free(label.start);
}

static void append_series_1(Bytes *request, uint64_t i, uint64_t t, uint64_t milliseconds) {
    static Bytes series;
    series.size = 0;
    append(&series, blocks.start + block_starts[i], block_starts[i + 1] - block_starts[i]);
    append_sample(&series, value(i, t), milliseconds);
    append_field(request, 1, series.start, series.size);
}

// --- Remote write 2.0: the labels as numbers of a symbol table, anew in every request -----------------------------------

static Bytes symbols;            // the request's symbol fields
static uint32_t *symbol_slots;   // hash table: symbol number + 1, 0 is free
static char (*symbol_texts)[room_for_text];
static uint32_t symbol_count, symbol_mask;

static void clear_symbols(uint64_t per_request) {
    if (!symbol_slots) {
        uint32_t most = 2 * labels_a_series * per_request + 1;
        for (symbol_mask = 1; symbol_mask < 2 * most; symbol_mask = symbol_mask * 2 + 1) {}
        symbol_slots = malloc((symbol_mask + 1) * sizeof *symbol_slots);
        symbol_texts = malloc(most * sizeof *symbol_texts);
        if (!symbol_slots || !symbol_texts) abort();
    }
    memset(symbol_slots, 0, (symbol_mask + 1) * sizeof *symbol_slots);
    symbols.size = 0;
    append_field(&symbols, 4, "", 0); // symbol 0 is the empty string
    symbol_texts[0][0] = 0;
    symbol_count = 1;
}

static uint32_t symbol(const char *text) {
    uint64_t hash = 0xCBF29CE484222325u;
    for (const char *c = text; *c; c++) hash = (hash ^ (uint8_t)*c) * 0x100000001B3u;
    uint32_t slot = (hash ^ hash >> 32) & symbol_mask;
    for (; symbol_slots[slot]; slot = (slot + 1) & symbol_mask)
        if (!strcmp(symbol_texts[symbol_slots[slot] - 1], text)) return symbol_slots[slot] - 1;
    strcpy(symbol_texts[symbol_count], text);
    symbol_slots[slot] = ++symbol_count;
    append_field(&symbols, 4, text, strlen(text));
    return symbol_count - 1;
}

static void append_series_2(Bytes *request, uint64_t i, uint64_t t, uint64_t milliseconds) {
    static Bytes series, references;
    Label labels[labels_a_series];
    describe(i, labels);
    references.size = series.size = 0;
    for (int l = 0; l < labels_a_series; l++) {
        append_varint(&references, symbol(labels[l].name));
        append_varint(&references, symbol(labels[l].value));
    }
    append_field(&series, 1, references.start, references.size);
    append_sample(&series, value(i, t), milliseconds);
    append_field(&series, 5, "", 0); // Prometheus always sends the metadata, empty as a rule
    append_field(request, 5, series.start, series.size);
}

// --- The requests ----------------------------------------------------------------------------------------------------

int main(int argc, char **argv) {
    if (argc != 6) {
        fprintf(stderr, "usage: bodies OUT SERIES STEPS PER_REQUEST VERSION(1|2)\n");
        return 2;
    }
    uint64_t series = strtoull(argv[2], NULL, 10), steps = strtoull(argv[3], NULL, 10);
    uint64_t per_request = strtoull(argv[4], NULL, 10);
    int version = atoi(argv[5]);
    if (!series || !steps || !per_request || (version != 1 && version != 2)) {
        fprintf(stderr, "bodies: SERIES, STEPS and PER_REQUEST must be above 0 and VERSION 1 or 2\n");
        return 2;
    }
    FILE *out = fopen(argv[1], "wb");
    if (!out) {
        perror(argv[1]);
        return 1;
    }
    if (version == 1) make_blocks(series);
    uint64_t first_time = (uint64_t)time(NULL) * 1000 - (steps - 1) * step_milliseconds, raw = 0, compressed = 0;
    Bytes request = {0};
    char *body = NULL;
    size_t room = 0;
    for (uint64_t t = 0; t < steps; t++) {
        for (uint64_t first = 0; first < series; first += per_request) {
            request.size = 0;
            if (version == 2) clear_symbols(per_request);
            for (uint64_t i = first; i < series && i < first + per_request; i++)
                (version == 1 ? append_series_1 : append_series_2)(&request, i, t, first_time + t * step_milliseconds);
            if (version == 2) { // real senders put the symbols in front
                append(&symbols, request.start, request.size);
                Bytes swap = request;
                request = symbols;
                symbols = swap;
            }
            size_t size = snappy_max_compressed_length(request.size);
            if (size > room) {
                body = realloc(body, room = size);
                if (!body) abort();
            }
            if (snappy_compress(request.start, request.size, body, &size) != SNAPPY_OK) abort();
            uint32_t length = size;
            if (fwrite(&length, sizeof length, 1, out) != 1 || fwrite(body, size, 1, out) != 1) {
                perror(argv[1]);
                return 1;
            }
            raw += request.size;
            compressed += size;
        }
    }
    if (fclose(out)) {
        perror(argv[1]);
        return 1;
    }
    double samples = (double)series * steps;
    printf("%.0f samples, %.1f raw bytes and %.1f compressed bytes a sample\n", samples, raw / samples, compressed / samples);
    return 0;
}
