// Where jemalloc looks for its options; part of the programs that say so in their CMakeLists.txt. Threads
// keep freed blocks of up to 128 KiB, pages and messages, at hand, some 14 MiB a thread at the very most; as
// it is by default, up to 32 KiB, every page that is made, and every story that is read, takes its blocks
// from what all threads share. A thread of the allocator's gives back what is not used again for ten seconds:
// left to those that free it, that waits until they free again, and one that ends gives back all at once what
// the next one needs.
extern "C" {
const char* malloc_conf = "tcache_max:131072,background_thread:true";
}
