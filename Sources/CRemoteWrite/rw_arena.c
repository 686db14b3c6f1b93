#include "include/rw_arena.h"

#include <stdint.h>
#include <stdlib.h>

enum { first_chunk = 64 * 1024 };

typedef struct rw_chunk {
    struct rw_chunk *before;
    size_t size; // bytes behind this header
    _Alignas(16) char bytes[];
} rw_chunk;

struct rw_arena {
    ProtobufCAllocator allocator;
    rw_chunk *chunk; // the newest and largest
    size_t used;     // of the newest
    size_t held;     // of all
    size_t limit;
};

static void *arena_alloc(void *context, size_t size) {
    rw_arena *arena = context;
    if (size > SIZE_MAX - 15) return NULL;
    size = (size + 15) & ~(size_t)15;
    if (!arena->chunk || arena->chunk->size - arena->used < size) {
        size_t next = arena->chunk ? arena->chunk->size * 2 : first_chunk;
        if (next < size) next = size;
        if (next > arena->limit || arena->held > arena->limit - next) return NULL;
        rw_chunk *chunk = malloc(sizeof(rw_chunk) + next);
        if (!chunk) return NULL;
        chunk->before = arena->chunk;
        chunk->size = next;
        arena->chunk = chunk;
        arena->held += next;
        arena->used = 0;
    }
    void *place = arena->chunk->bytes + arena->used;
    arena->used += size;
    return place;
}

// Single pieces are never given back: reset does it for all.
static void arena_no_free(void *context, void *place) {
    (void)context;
    (void)place;
}

rw_arena *rw_arena_make(size_t limit) {
    rw_arena *arena = calloc(1, sizeof *arena);
    if (!arena) return NULL;
    arena->allocator = (ProtobufCAllocator){arena_alloc, arena_no_free, arena};
    arena->limit = limit;
    return arena;
}

static void drop_chunk(rw_arena *arena) {
    rw_chunk *chunk = arena->chunk;
    arena->chunk = chunk->before;
    arena->held -= chunk->size;
    free(chunk);
}

void rw_arena_reset(rw_arena *arena, size_t keep) {
    if (arena->chunk) {
        // The newest is the largest: it alone stays, unless it is too large to keep.
        rw_chunk *newest = arena->chunk;
        arena->chunk = newest->before;
        arena->held -= newest->size;
        while (arena->chunk) drop_chunk(arena);
        if (newest->size <= keep) {
            newest->before = NULL;
            arena->chunk = newest;
            arena->held = newest->size;
        } else {
            free(newest);
        }
    }
    arena->used = 0;
}

void rw_arena_free(rw_arena *arena) {
    if (!arena) return;
    rw_arena_reset(arena, 0);
    free(arena);
}

ProtobufCAllocator *rw_arena_allocator(rw_arena *arena) { return &arena->allocator; }
