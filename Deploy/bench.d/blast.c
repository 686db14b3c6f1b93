// blast: posts the bodies that `bodies` made to a remote write receiver on 127.0.0.1 and measures the receiver.
//
// usage: blast BODIES PORT PATH SERVER_PID SERIES PER_REQUEST VERSION(1|2) LANES [SCRAPE_PATH]
//
// A lane is a connection with one request under way. A request goes to the lane of its place in the step, so the
// samples of a series arrive in order, as from a real sender. The first step, where every series is new, is measured
// apart from the others. With SCRAPE_PATH, one more connection asks for that path again and again meanwhile.
// Writes one "name value" line a figure; status 1 if the receiver refused anything.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { most_lanes = 256 };

static void give_up(const char *what) {
    fprintf(stderr, "blast: %s: %s\n", what, strerror(errno));
    exit(1);
}

// --- Clocks and the server's own figures -----------------------------------------------------------------------------

static double seconds_of(clockid_t clock) {
    struct timespec t;
    if (clock_gettime(clock, &t)) give_up("the server has ended");
    return t.tv_sec + t.tv_nsec / 1e9;
}
static double now(void) { return seconds_of(CLOCK_MONOTONIC); }

// A memory figure of /proc/PID/status in KiB, such as "VmRSS:".
static double memory(int pid, const char *key) {
    char name[64], line[256];
    double kibibytes = 0;
    snprintf(name, sizeof name, "/proc/%d/status", pid);
    FILE *file = fopen(name, "r");
    if (!file) give_up(name);
    while (fgets(line, sizeof line, file))
        if (!strncmp(line, key, strlen(key))) kibibytes = atof(line + strlen(key));
    fclose(file);
    return kibibytes;
}

// --- Latencies -------------------------------------------------------------------------------------------------------

typedef struct {
    double *seconds;
    size_t count, room;
} Latencies;

static void add(Latencies *latencies, double seconds) {
    if (latencies->count == latencies->room) {
        latencies->room = latencies->room ? 2 * latencies->room : 1024;
        latencies->seconds = realloc(latencies->seconds, latencies->room * sizeof(double));
        if (!latencies->seconds) abort();
    }
    latencies->seconds[latencies->count++] = seconds;
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void print_latencies(const char *name, Latencies *latencies) {
    size_t n = latencies->count;
    if (!n) return;
    qsort(latencies->seconds, n, sizeof(double), ascending);
    printf("%s_count %zu\n%s_p50_ms %.2f\n%s_p99_ms %.2f\n%s_max_ms %.2f\n", name, n, name,
           latencies->seconds[n / 2] * 1e3, name, latencies->seconds[n * 99 / 100] * 1e3, name,
           latencies->seconds[n - 1] * 1e3);
}

// --- HTTP ------------------------------------------------------------------------------------------------------------

static int port;

static int open_connection(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int s = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(s, (struct sockaddr *)&address, sizeof address)) give_up("connect");
    return s;
}

static void send_all(int s, const char *data, size_t size) {
    while (size) {
        ssize_t sent = send(s, data, size, MSG_NOSIGNAL);
        if (sent <= 0) give_up("send");
        data += sent;
        size -= sent;
    }
}

// Reads one answer whose length is declared (or that has none) and returns its status; *text is what the body begins with.
static int answer(int s, char *reply, size_t room, const char **text) {
    size_t got = 0;
    char *end;
    do {
        ssize_t n = recv(s, reply + got, room - 1 - got, 0);
        if (n <= 0) give_up("the receiver cut the connection");
        got += n;
        reply[got] = 0;
        end = strstr(reply, "\r\n\r\n");
        if (!end && got == room - 1) give_up("an answer's head is too long");
    } while (!end);
    *text = end + 4;
    char *field = strcasestr(reply, "\r\ncontent-length:");
    size_t length = field && field < end ? strtoul(field + 17, NULL, 10) : 0;
    for (size_t have = got - (*text - reply); have < length;) {
        char rest[4096];
        ssize_t n = recv(s, rest, sizeof rest, 0);
        if (n <= 0) give_up("the receiver cut the connection");
        have += n;
    }
    return atoi(reply + strlen("HTTP/1.1 "));
}

// --- Lanes -----------------------------------------------------------------------------------------------------------

typedef struct {
    const char *data;
    uint32_t size;
} Body;

static Body *bodies;
static size_t per_step, lanes;
static const char *path, *headers;

typedef struct {
    size_t number, from_step, to_step; // which requests it sends
    size_t refused;
    Latencies latencies;
} Lane;

static void *run_lane(void *argument) {
    static atomic_flag complained = ATOMIC_FLAG_INIT;
    Lane *lane = argument;
    char head[512], reply[8192];
    const char *text;
    int s = open_connection();
    for (size_t step = lane->from_step; step < lane->to_step; step++) {
        for (size_t place = lane->number; place < per_step; place += lanes) {
            Body body = bodies[step * per_step + place];
            int size = snprintf(head, sizeof head, "POST %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUser-Agent: blast\r\n%s"
                                "Content-Length: %u\r\n\r\n", path, port, headers, body.size);
            double begin = now();
            send_all(s, head, size);
            send_all(s, body.data, body.size);
            int status = answer(s, reply, sizeof reply, &text);
            add(&lane->latencies, now() - begin);
            if (status / 100 == 2) continue;
            lane->refused++;
            if (!atomic_flag_test_and_set(&complained)) fprintf(stderr, "blast: status %d: %.300s\n", status, text);
            close(s);
            s = open_connection();
        }
    }
    close(s);
    return NULL;
}

static const char *scrape_path;
static atomic_bool scraping;
static Latencies scrapes;
static size_t scrape_size;

static void *run_scrapes(void *unused) {
    (void)unused;
    static char text[1 << 16];
    while (atomic_load(&scraping)) {
        double begin = now();
        int s = open_connection(), size = snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n"
                                                   "Connection: close\r\n\r\n", scrape_path, port);
        send_all(s, text, size);
        size_t total = 0;
        for (ssize_t n; (n = recv(s, text, sizeof text, 0)) > 0; total += n)
            if (total == 0 && n > 12 && strncmp(text + 9, "200", 3)) fprintf(stderr, "blast: scrape: %.12s\n", text);
        close(s);
        add(&scrapes, now() - begin);
        scrape_size = total;
    }
    return NULL;
}

// Sends the requests of some steps and prints what it cost; returns how many were refused.
static size_t measure(const char *name, size_t from_step, size_t to_step, double series, clockid_t server_clock) {
    Lane each[most_lanes] = {0};
    pthread_t threads[most_lanes], scraper;
    Latencies all = {0};
    size_t refused = 0;
    double cpu = seconds_of(server_clock), begin = now();
    atomic_store(&scraping, scrape_path != NULL);
    if (scrape_path) pthread_create(&scraper, NULL, run_scrapes, NULL);
    for (size_t i = 0; i < lanes; i++) {
        each[i] = (Lane){.number = i, .from_step = from_step, .to_step = to_step};
        pthread_create(&threads[i], NULL, run_lane, &each[i]);
    }
    for (size_t i = 0; i < lanes; i++) {
        pthread_join(threads[i], NULL);
        refused += each[i].refused;
        for (size_t k = 0; k < each[i].latencies.count; k++) add(&all, each[i].latencies.seconds[k]);
        free(each[i].latencies.seconds);
    }
    double wall = now() - begin;
    atomic_store(&scraping, false);
    if (scrape_path) pthread_join(scraper, NULL);
    usleep(300000); // what the receiver still does after its last answer counts too
    cpu = seconds_of(server_clock) - cpu;
    double samples = series * (to_step - from_step);
    printf("%s_samples %.0f\n%s_wall_seconds %.3f\n%s_cpu_seconds %.3f\n%s_refused %zu\n", name, samples, name, wall,
           name, cpu, name, refused);
    char write_name[64];
    snprintf(write_name, sizeof write_name, "%s_write", name);
    print_latencies(write_name, &all);
    free(all.seconds);
    return refused;
}

int main(int argc, char **argv) {
    if (argc != 9 && argc != 10) {
        fprintf(stderr, "usage: blast BODIES PORT PATH SERVER_PID SERIES PER_REQUEST VERSION(1|2) LANES [SCRAPE_PATH]\n");
        return 2;
    }
    port = atoi(argv[2]);
    path = argv[3];
    int pid = atoi(argv[4]);
    size_t series = strtoull(argv[5], NULL, 10), per_request = strtoull(argv[6], NULL, 10);
    headers = atoi(argv[7]) == 2 ? "Content-Type: application/x-protobuf;proto=io.prometheus.write.v2.Request\r\n"
                                   "Content-Encoding: snappy\r\nX-Prometheus-Remote-Write-Version: 2.0.0\r\n"
                                 : "Content-Type: application/x-protobuf\r\n"
                                   "Content-Encoding: snappy\r\nX-Prometheus-Remote-Write-Version: 0.1.0\r\n";
    lanes = strtoull(argv[8], NULL, 10);
    scrape_path = argc == 10 ? argv[9] : NULL;
    if (!series || !per_request || !lanes || lanes > most_lanes) {
        fprintf(stderr, "blast: SERIES and PER_REQUEST must be above 0, LANES between 1 and %d\n", most_lanes);
        return 2;
    }
    per_step = (series + per_request - 1) / per_request;

    int file = open(argv[1], O_RDONLY);
    struct stat facts;
    if (file < 0 || fstat(file, &facts)) give_up(argv[1]);
    const char *all = mmap(NULL, facts.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, file, 0);
    if (all == MAP_FAILED) give_up(argv[1]);
    size_t count = 0, room = 0;
    for (off_t at = 0; at + 4 <= facts.st_size;) {
        uint32_t size;
        memcpy(&size, all + at, sizeof size);
        if (count == room) {
            bodies = realloc(bodies, (room = room ? 2 * room : 1024) * sizeof *bodies);
            if (!bodies) abort();
        }
        bodies[count++] = (Body){all + at + 4, size};
        at += 4 + size;
    }
    size_t steps = count / per_step;
    clockid_t server_clock;
    if ((errno = clock_getcpuclockid(pid, &server_clock))) give_up("the server's CPU clock");

    double before = memory(pid, "VmRSS:");
    size_t refused = measure("new", 0, 1, series, server_clock);
    double registered = memory(pid, "VmRSS:");
    if (steps > 1) refused += measure("known", 1, steps, series, server_clock);
    print_latencies("scrape", &scrapes);
    if (scrape_path) printf("scrape_bytes %zu\n", scrape_size);
    printf("resident_before_kib %.0f\nresident_registered_kib %.0f\nresident_after_kib %.0f\npeak_kib %.0f\n", before,
           registered, memory(pid, "VmRSS:"), memory(pid, "VmHWM:"));
    return refused != 0;
}
