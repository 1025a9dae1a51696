/* For arm64, in LD_PRELOAD. bionic's stack protector reads its canary from the thread's block at 0x28, where glibc keeps
   ordinary variables of the thread. This library has the first of them, so that the place is a constant which nobody
   writes. */
__thread char canary[64] __attribute__((tls_model("initial-exec"), aligned(16))) = {1};

__attribute__((constructor)) static void check(void) {
    long offset = canary - (char *)__builtin_thread_pointer();
    if (offset > 0x28 || offset + 64 < 0x30) __builtin_trap();
}
