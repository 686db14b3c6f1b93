// Shows the thread sanitizer what Swift's Mutex does where two threads want it at once.
//
// The quick way of `Synchronization.Mutex` is inlined and seen. The slow way (a futex, in libswiftSynchronization) is not
// instrumented, so that the sanitizer reports as races what the lock keeps apart. Preloaded, this stands before the two slow
// functions and tells. Without the sanitizer it changes nothing.
//
// Deploy/test --sanitize=thread builds and preloads it.
//
// The names are those of Swift 6.3 on Linux: `_MutexHandle._lockSlow(UInt32)` and `_MutexHandle._unlockSlow()`
// (swiftlang/swift:stdlib/public/Synchronization/Mutex/LinuxImpl.swift).
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>

#define LOCK_SLOW "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define UNLOCK_SLOW "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"
#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context)) void *handle

extern void __tsan_acquire(void *address) __attribute__((weak));
extern void __tsan_release(void *address) __attribute__((weak));

SWIFT typedef void LockSlow(uint32_t tid, SELF);
SWIFT typedef void UnlockSlow(SELF);

LockSlow lock_slow __asm__(LOCK_SLOW);
UnlockSlow unlock_slow __asm__(UNLOCK_SLOW);

SWIFT void lock_slow(uint32_t tid, SELF) {
    ((LockSlow *)dlsym(RTLD_NEXT, LOCK_SLOW))(tid, handle);
    if (__tsan_acquire) __tsan_acquire(handle);
}

SWIFT void unlock_slow(SELF) {
    if (__tsan_release) __tsan_release(handle);
    ((UnlockSlow *)dlsym(RTLD_NEXT, UNLOCK_SLOW))(handle);
}
