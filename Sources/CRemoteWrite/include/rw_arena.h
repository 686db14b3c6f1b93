#pragma once
#include <protobuf-c/protobuf-c.h>
#include <stddef.h>

// Memory for decoded messages: handed out by moving a mark, given back all at once.
// protobuf-c allocates every label on its own; from here an allocation costs a few instructions instead of a malloc and a free.
typedef struct rw_arena rw_arena;

// NULL where memory or the limit does not allow it. `limit` is the most bytes the arena ever holds at once.
rw_arena *rw_arena_make(size_t limit);
void rw_arena_free(rw_arena *arena);
// Makes all memory handed out so far free again; keeps at most `keep` bytes of it for the next message.
void rw_arena_reset(rw_arena *arena, size_t keep);
// The allocator to hand to an `unpack` function; valid as long as the arena.
ProtobufCAllocator *rw_arena_allocator(rw_arena *arena);
