// Stub: declares the parts of this framework that the sources use, to type-check them without Apple's SDK.

// A Mac has no such function.
#if IOS
    public func os_proc_available_memory() -> Int { 0 }
#endif
