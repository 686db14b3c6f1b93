internal import CRemoteWrite

/// The memory of the messages that libprotobuf-c decodes, given back all at once.
// Safe: the value alone owns its memory, so it may be handed from thread to thread as a whole.
@safe struct MessageArena: ~Copyable, @unchecked Sendable {
    /// A message decodes to a few times its size, but two bytes of an empty part can take 250 here. What is decoded is mostly
    /// a single series, so this is room for far more than any sender puts into one.
    private static let limitBytes = 128 << 20
    private static let keptBytes = 1 << 20

    private let arena: OpaquePointer

    init() {
        guard let arena = unsafe rw_arena_make(Self.limitBytes) else { preconditionFailure("out of memory") }
        unsafe self.arena = arena
    }

    deinit { unsafe rw_arena_free(arena) }

    var allocator: UnsafeMutablePointer<ProtobufCAllocator> { unsafe rw_arena_allocator(arena) }

    func reset() { unsafe rw_arena_reset(arena, Self.keptBytes) }
}
