#pragma once
// What top -H, gdb and perf call a thread.

#include <pthread.h>

namespace tally {

// Of the calling thread; the kernel takes at most 15 characters, and no longer name at all.
inline void name_thread(const char* name) { (void)::pthread_setname_np(::pthread_self(), name); }

}  // namespace tally
