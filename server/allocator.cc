// How jemalloc, which adieud is linked with, keeps memory that calls have given back: three seconds for the
// next ones, then its thread returns it to the system.
extern "C" {
extern const char* malloc_conf;
const char* malloc_conf = "background_thread:true,dirty_decay_ms:3000,muzzy_decay_ms:0";
}
