// Stands in for Sources/CRemoteWrite/rw_arena.c in the targets that fuzz messages: every piece is an allocation of its own,
// so that the address sanitizer sees one that is overrun, or used after the arena was reset.
#include "rw_arena.h"

#include <stdlib.h>

typedef struct piece {
    struct piece *before;
    size_t size;
    _Alignas(16) char bytes[];
} piece;

struct rw_arena {
    ProtobufCAllocator allocator;
    piece *newest;
    size_t held;
    size_t limit;
};

static void *checked_alloc(void *context, size_t size) {
    rw_arena *arena = context;
    if (size > arena->limit - arena->held) return NULL;
    piece *made = malloc(sizeof(piece) + size);
    if (!made) return NULL;
    *made = (piece){arena->newest, size};
    arena->newest = made;
    arena->held += size;
    return made->bytes;
}

static void checked_free(void *context, void *place) {
    (void)context;
    (void)place;
}

rw_arena *rw_arena_make(size_t limit) {
    rw_arena *arena = calloc(1, sizeof *arena);
    if (!arena) return NULL;
    arena->allocator = (ProtobufCAllocator){checked_alloc, checked_free, arena};
    arena->limit = limit;
    return arena;
}

void rw_arena_reset(rw_arena *arena, size_t keep) {
    (void)keep;
    while (arena->newest) {
        piece *newest = arena->newest;
        arena->newest = newest->before;
        free(newest);
    }
    arena->held = 0;
}

void rw_arena_free(rw_arena *arena) {
    if (!arena) return;
    rw_arena_reset(arena, 0);
    free(arena);
}

ProtobufCAllocator *rw_arena_allocator(rw_arena *arena) { return &arena->allocator; }
