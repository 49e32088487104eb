// Where jemalloc looks for its options. Threads keep freed blocks of up to 128 KiB, pages and messages, at
// hand, some 14 MiB a thread at the very most; as it is by default, up to 32 KiB, every page that is made
// takes its blocks from what all threads share.
extern "C" {
const char* malloc_conf = "tcache_max:131072";
}
