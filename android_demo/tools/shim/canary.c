/* For LD_PRELOAD on arm64. bionic's stack protector reads its canary at offset 0x28 of the thread control block, where
   glibc keeps thread-local variables. This library reserves the first of them, so that the value there is constant. */
__thread char canary[64] __attribute__((tls_model("initial-exec"), aligned(16))) = {1};

__attribute__((constructor)) static void check(void) {
    long offset = canary - (char *)__builtin_thread_pointer();
    if (offset > 0x28 || offset + 64 < 0x30) __builtin_trap();
}
